import { Button, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { bucketName, exactTime, toWallClock } from "../format/time.ts";
import { useNow } from "../widgets/now.ts";
import classes from "./CustomRange.module.css";
import { Month } from "./Month.tsx";
import { type End, momentOf, writtenMoment } from "./moment.ts";
import type { View } from "./view.ts";
import { type Range, rangeOf } from "./words.ts";

interface Props {
  shown: Range | null;
  zone: string;
  onApply: (time: Pick<View, "from" | "to" | "last">) => void;
}

const ENDS: readonly End[] = ["from", "to"];
const LABEL: Record<End, string> = { from: "From", to: "To" };

/** Two ends of one's own, written or picked from a month. */
export function CustomRange({ shown, zone, onApply }: Props) {
  const now = useNow();
  const [texts, setTexts] = useState<Record<End, string>>(() => ({
    from: shown ? writtenMoment(shown.from, zone) : "",
    to: shown ? writtenMoment(shown.to, zone) : "",
  }));
  /** Which end the month is for. */
  const [active, setActive] = useState<End>("from");
  const [isTried, setTried] = useState(false);

  const range = rangeOf(texts.from, texts.to, zone, now);
  const moments = { from: momentOf(texts.from, "from", zone, now), to: momentOf(texts.to, "to", zone, now) };
  /** The last instant of a day that ends a range is the next day's first. */
  const dayAt = (end: End) => {
    const moment = moments[end];
    if (!("at" in moment)) return null;
    return toWallClock(new Date(Date.parse(moment.at) - (end === "to" ? 1 : 0)).toISOString(), zone).slice(0, 10);
  };
  /** What is read there, with its weekday and year. */
  const meaning = (end: End) => {
    const moment = moments[end];
    if (!("at" in moment)) return "\u00A0";
    const weekday = bucketName(moment.at, null, "day", zone).slice(0, 3);
    return `${weekday} ${exactTime(moment.at, zone).replace(/:\d\d$/, "")}`;
  };
  const apply = (event: FormEvent) => {
    event.preventDefault();
    setTried(true);
    if (!("field" in range)) onApply(range);
  };
  const pick = (day: string) => {
    const from = dayAt("from");
    // A day before the first begins the range anew.
    const end: End = active === "to" && from !== null && day < from ? "from" : active;
    setTexts({ ...texts, [end]: day });
    setActive(end === "from" ? "to" : "from");
  };
  return (
    <form className={classes.form} onSubmit={apply} noValidate>
      <div className={classes.ends}>
        {ENDS.map((end) => (
          <TextInput
            key={end}
            label={LABEL[end]}
            value={texts[end]}
            description={meaning(end)}
            inputWrapperOrder={["label", "input", "description", "error"]}
            error={isTried && "field" in range && range.field === end ? range.problem : undefined}
            data-active={end === active || undefined}
            autoComplete="off"
            spellCheck={false}
            onFocus={() => setActive(end)}
            onChange={(event) => setTexts({ ...texts, [end]: event.currentTarget.value })}
          />
        ))}
      </div>
      <Month
        from={dayAt("from")}
        to={dayAt("to")}
        today={toWallClock(now.toISOString(), zone).slice(0, 10)}
        onPick={pick}
      />
      <Button type="submit">Show this range</Button>
    </form>
  );
}
