import { Button, Menu } from "@mantine/core";
import type { CompareWith } from "../api/types.ts";
import { Icon } from "../widgets/Icon.tsx";
import { COMPARE_WORD } from "./words.ts";

type Choice = CompareWith | "off";

const CHOICES = Object.keys(COMPARE_WORD) as Choice[];

/** With what every figure of the page is compared. */
export function CompareMenu({ value, onChange }: { value: Choice; onChange: (value: Choice) => void }) {
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button variant="default" fw={500} rightSection={<Icon name="down" size={12} />}>
          {value === "off" ? (
            "Compare"
          ) : (
            <>
              <span className="muted">against&nbsp;</span>
              {COMPARE_WORD[value].toLowerCase()}
            </>
          )}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Compare with</Menu.Label>
        {CHOICES.map((choice) => (
          <Menu.Item
            key={choice}
            leftSection={
              <span style={{ visibility: choice === value ? "visible" : "hidden" }}>
                <Icon name="check" size={14} />
              </span>
            }
            onClick={() => onChange(choice)}
          >
            {COMPARE_WORD[choice]}
            {choice === value && <span className="visually-hidden"> (chosen)</span>}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
