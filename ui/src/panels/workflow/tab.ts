import type { LiveMode } from "../../live/useLiveMode.ts";
import type { Answers } from "../../view/useAnswers.ts";

/** What each part of a workflow's page is given. */
export interface TabProps {
  id: string;
  /** The answers to what this part asks, by the names that `questionsOf` gives. */
  answers: Answers<string>;
  /** How what is shown is kept up to date. */
  live: LiveMode;
}
