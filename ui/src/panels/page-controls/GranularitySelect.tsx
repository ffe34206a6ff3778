import { Select } from "@mantine/core";
import type { Granularity } from "../../api/types.ts";
import { BUCKET_WORD } from "../../format/time.ts";
import { useChange } from "../../view/useChange.ts";
import { useView } from "../../view/useView.ts";
import { GRANULARITIES } from "../../view/view.ts";
import type { PageSearch } from "./search.ts";

interface Props {
  /** What somebody chose. */
  chosen: Granularity | undefined;
  /** What was answered: a finer one that would have given too many points is widened. */
  answered?: Granularity | null;
}

const AUTOMATIC = "auto";

/** Chooses the length of a page's buckets, in its address. */
export function GranularitySelect({ chosen, answered }: Props) {
  const { granularity: automatic } = useView();
  const change = useChange<PageSearch>();
  const widened = chosen && answered && chosen !== answered ? answered : null;
  return (
    <Select
      size="xs"
      w="10.75rem"
      aria-label="Granularity"
      allowDeselect={false}
      title={widened ? `There would be too many points: shown per ${BUCKET_WORD[widened]}.` : undefined}
      data={[
        { value: AUTOMATIC, label: `per ${BUCKET_WORD[automatic]} (auto)` },
        ...GRANULARITIES.map((value) => ({
          value: value as string,
          label: widened && value === chosen ? `per ${BUCKET_WORD[widened]} (widened)` : `per ${BUCKET_WORD[value]}`,
        })),
      ]}
      value={chosen ?? AUTOMATIC}
      onChange={(value) => change({ granularity: GRANULARITIES.find((each) => each === value) })}
    />
  );
}
