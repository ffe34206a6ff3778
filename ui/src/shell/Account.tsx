import { Menu, UnstyledButton } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useSession } from "../session/session.ts";
import { useSignOut } from "../session/signOut.ts";
import { Icon } from "../widgets/Icon.tsx";
import classes from "./Account.module.css";

interface Props {
  onHelp: () => void;
  onWall: () => void;
  isPhone: boolean;
}

/** The organization and who is signed in, with what concerns only them. */
export function Account({ onHelp, onWall, isPhone }: Props) {
  const { user, organization } = useSession();
  const leave = useSignOut();
  const name = user.name || user.email;
  return (
    <Menu width={260} position={isPhone ? "bottom-end" : "top-start"} withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className={classes.account}>
          <span className={classes.avatar} aria-hidden="true">
            {name.slice(0, 1).toUpperCase()}
          </span>
          <span className={classes.text}>
            <span className={classes.organization}>{organization.name}</span>{" "}
            <span className={classes.name}>{name}</span>
          </span>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          {organization.name}
          <br />
          {user.email} · {user.role}
        </Menu.Label>
        <Menu.Divider />
        <Menu.Item component={Link} to="/settings/profile" leftSection={<Icon name="person" />}>
          Profile and preferences
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="keyboard" />} onClick={onHelp}>
          Keyboard shortcuts
        </Menu.Item>
        <Menu.Item leftSection={<Icon name="screen" />} onClick={onWall}>
          Wall screen
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<Icon name="exit" />} onClick={() => leave.mutate()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
