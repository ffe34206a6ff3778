import { Tabs } from "../../widgets/Tabs.tsx";
import classes from "./ChoiceTabs.module.css";

interface Props<T extends string> {
  label: string;
  /** The search parameter that the choice stands in. */
  name: string;
  choices: readonly T[];
  words: Record<T, string>;
  chosen: T;
  /** Above what it chooses, not among other controls. */
  isAbove?: boolean;
}

/** A choice that stands in the page's address; the first is the default, and not written there. */
export function ChoiceTabs<T extends string>({ label, name, choices, words, chosen, isAbove }: Props<T>) {
  return (
    <div className={classes.choices} data-above={isAbove || undefined}>
      <Tabs
        label={label}
        tabs={choices.map((each) => ({
          key: each,
          label: words[each],
          link: {
            to: ".",
            search: ((before: object) => ({ ...before, [name]: each === choices[0] ? undefined : each })) as never,
          },
          isCurrent: each === chosen,
        }))}
      />
    </div>
  );
}
