import { useSession } from "../../session/session.ts";
import { Facts } from "../../widgets/Facts.tsx";
import { Panel } from "../../widgets/Panel.tsx";
import { ROLE_SAYS } from "../people/data.ts";

export function ProfilePanel() {
  const { user, organization } = useSession();
  return (
    <Panel title="You">
      <Facts
        columns
        facts={[
          ["Name", user.name || "–"],
          ["E-mail", user.email],
          ["Role", `${user.role}: ${ROLE_SAYS[user.role]}`],
          ["Organization", organization.name],
          ["Its days begin in", organization.timezone],
        ]}
      />
    </Panel>
  );
}
