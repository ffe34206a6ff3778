import { Modal } from "@mantine/core";
import classes from "./HelpSheet.module.css";
import { useShortcutList } from "./shortcuts.tsx";

const GROUPS = ["Go to", "Page", "Chart and table", "General"] as const;

export function HelpSheet({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  const shortcuts = useShortcutList();
  return (
    <Modal.Root classNames={{ content: classes.sheet }} opened={opened} onClose={onClose} size="lg">
      <Modal.Overlay />
      <Modal.Content>
        {/* Not the modal's own header: outside the page's content it would be a second banner. */}
        <div className={classes.head}>
          <Modal.Title>Keyboard shortcuts</Modal.Title>
          <Modal.CloseButton aria-label="Close" />
        </div>
        <div className={classes.groups}>
          {GROUPS.map((group) => {
            const members = shortcuts.filter((shortcut) => shortcut.group === group);
            if (members.length === 0) return null;
            return (
              <section key={group}>
                <h3>{group}</h3>
                <dl className={classes.list}>
                  {members.map(({ keys, label }) => (
                    <div key={keys + label} className={classes.row}>
                      <dt>
                        {keys.split(" ").map((key) => (
                          <kbd key={key} className={classes.key}>
                            {key}
                          </kbd>
                        ))}
                      </dt>
                      <dd>{label}</dd>
                    </div>
                  ))}
                </dl>
              </section>
            );
          })}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}
