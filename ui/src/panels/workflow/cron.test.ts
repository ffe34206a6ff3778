import { describe, expect, it } from "vitest";
import { cronWords } from "./cron.ts";

describe("cronWords", () => {
  it.each([
    ["*/10 * * * *", "Every 10 minutes"],
    ["* * * * *", "Every minute"],
    ["0 * * * *", "Every hour on the hour"],
    ["5,35 * * * *", "Every hour at :05 and :35"],
    ["*/15 7-18 * * 1-5", "Every 15 minutes from 07:00 to 18:59, Monday to Friday"],
    ["0 6 * * 1-5", "At 06:00, Monday to Friday"],
    ["30 2 * * *", "At 02:30, every day"],
    ["0 8,20 * * *", "At 08:00 and 20:00, every day"],
    ["30 5 * * 4", "At 05:30, Thursday"],
    ["30 5 * * THU", "At 05:30, Thursday"],
    ["0 4 1 * *", "At 04:00, on day 1 of the month"],
    ["0 4 1 */3 *", "At 04:00, on day 1 in January, April, July and October"],
    ["0 0 1 1 *", "At 00:00, on day 1 in January"],
    ["0 12 * 6-8 SAT,SUN", "At 12:00, Saturday and Sunday in June to August"],
    ["0 9 13 * 5", "At 09:00, on day 13 of the month, and on Friday"],
    ["0 */6 * * *", "At 00:00, 06:00, 12:00 and 18:00, every day"],
    ["0 */2 * * *", "Every 2 hours on the hour"],
    ["@daily", "At 00:00, every day"],
    ["30 8-17 * * *", "Every hour from 08:00 to 17:59 at :30"],
  ])("%s is %s", (cron, words) => expect(cronWords(cron)).toBe(words));

  it.each(["", "0 6 * *", "0 6 * * * *", "61 * * * *", "a * * * *", "5-1 * * * *", "*/0 * * * *", "1-2-3 * * * *"])(
    "says nothing of %s, rather than something wrong",
    (cron) => expect(cronWords(cron)).toBeNull(),
  );
});
