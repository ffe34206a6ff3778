import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import type { Answer } from "../../api/types.ts";
import { conditionCount } from "../../view/ranges.ts";
import type { Part } from "../../view/useAnswers.ts";
import type { Where } from "../../view/view.ts";
import { Icon } from "../../widgets/Icon.tsx";
import { FacetGroup } from "./FacetGroup.tsx";
import classes from "./Facets.module.css";
import { type Facet, shapeFacet } from "./facets.ts";

interface Props {
  facets: readonly Facet[];
  open: readonly string[];
  onOpen: (open: string[]) => void;
  /** The facet of which more than the top is shown. */
  wide: string | null;
  onWide: (field: string | null) => void;
  answerOf: (field: string) => Part | undefined;
  where: Where | undefined;
  onPick: (field: string, value: string, isNot: boolean) => void;
}

/** All facets in a column; on narrow screens behind a button. */
export function Facets({ facets, open, onOpen, wide, onWide, answerOf, where, onPick }: Props) {
  const [isShown, { toggle }] = useDisclosure(false);
  const active = conditionCount(where);
  return (
    <aside aria-label="Filters">
      <Button
        className={classes.reveal}
        variant="default"
        leftSection={<Icon name="settings" size={14} />}
        aria-expanded={isShown}
        onClick={toggle}
      >
        {isShown ? "Hide the filters" : active > 0 ? `Filters (${active})` : "Filters"}
      </Button>
      <div className={classes.facets} data-shown={isShown || undefined}>
        {facets.map((facet) => {
          const isOpen = open.includes(facet.field);
          const part = answerOf(facet.field);
          return (
            <FacetGroup
              key={facet.field}
              facet={facet}
              isOpen={isOpen}
              onToggle={() => onOpen(isOpen ? open.filter((field) => field !== facet.field) : [...open, facet.field])}
              isWide={wide === facet.field}
              onWide={(isWide) => onWide(isWide ? facet.field : null)}
              shaped={shapeFacet(facet.field, part?.answer as Answer | undefined, where)}
              problem={part?.error?.message ?? null}
              active={(where?.[facet.field]?.length ?? 0) + (where?.[`!${facet.field}`]?.length ?? 0)}
              onPick={(value, isNot) => onPick(facet.field, value, isNot)}
            />
          );
        })}
      </div>
    </aside>
  );
}
