/** Cost rates as people type them, and what they mean. Pure. */
import { duration, money } from "../../format/format.ts";

export interface RateFields {
  perMinute: string;
  sessionMinimum: string;
}

export interface Rates {
  per_minute_usd: number;
  session_minimum_usd: number;
}

export function fieldsOf(rates: Rates): RateFields {
  return { perMinute: String(rates.per_minute_usd), sessionMinimum: String(rates.session_minimum_usd) };
}

/** Beyond this a rate is a slip of the keys: no minute of an automation costs a thousand dollars. */
const RATE_MAX_USD = 1000;

function problemWith(text: string): string | undefined {
  const value = Number(text);
  if (text.trim() === "" || Number.isNaN(value)) return "Say an amount in US dollars, such as 0.005.";
  if (value < 0) return "Nothing costs less than nothing.";
  return value > RATE_MAX_USD ? `Say at most ${money(RATE_MAX_USD)}.` : undefined;
}

export function checkRates(fields: RateFields): Partial<RateFields> {
  const problems: Partial<RateFields> = {};
  const [perMinute, sessionMinimum] = [problemWith(fields.perMinute), problemWith(fields.sessionMinimum)];
  if (perMinute) problems.perMinute = perMinute;
  if (sessionMinimum) problems.sessionMinimum = sessionMinimum;
  return problems;
}

export function ratesOf(fields: RateFields): Rates {
  return { per_minute_usd: Number(fields.perMinute), session_minimum_usd: Number(fields.sessionMinimum) };
}

const EXAMPLES_MS = [30_000, 4 * 60_000, 60 * 60_000];

/** What sessions of some lengths are estimated at: the part for each session, and the rate for each minute. */
export function examplesOf(rates: Rates): { length: string; cost: string }[] {
  return EXAMPLES_MS.map((ms) => ({
    length: duration(ms),
    cost: money(rates.session_minimum_usd + (ms / 60_000) * rates.per_minute_usd),
  }));
}
