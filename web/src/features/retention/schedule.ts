// SPDX-License-Identifier: Apache-2.0
/** When a policy is carried out by itself, in a plain sentence. */

import { schedules as text } from "@/words/rule-words";

/** What most want; whoever wants something else writes it. */
export const CHOICES = ["", "0 3 * * *", "0 3 * * 0", "0 * * * *"] as const;

const NUMBER = /^\d{1,2}$/;

export function whenOf(cron: string): string {
  const written = cron.trim();
  if (!written) return text.never;
  const [minute = "", hour = "", day = "", month = "", weekday = "", ...more] = written.split(/\s+/);
  const isPlain = month === "*" && !more.length;
  return (isPlain && plain(minute, hour, day, weekday)) || text.other(written);
}

/** In words, undefined for what is not said in a few. */
function plain(minute: string, hour: string, day: string, weekday: string): string | undefined {
  const isEveryDay = day === "*" && weekday === "*";
  if (hour === "*") return isEveryDay ? withinHours(minute) : undefined;
  if (!NUMBER.test(minute) || !NUMBER.test(hour)) return undefined;
  const time = `${hour.padStart(2, "0")}:${minute.padStart(2, "0")}`;
  if (isEveryDay) return text.daily(time);
  if (day === "*" && /^[0-7]$/.test(weekday)) return text.weekly(text.days[Number(weekday) % 7] ?? "", time);
  return NUMBER.test(day) && weekday === "*" ? text.monthly(Number(day), time) : undefined;
}

function withinHours(minute: string): string | undefined {
  const every = /^\*\/(\d{1,2})$/.exec(minute);
  if (every) return text.everyMinutes(Number(every[1]));
  return NUMBER.test(minute) ? text.hourly(Number(minute)) : undefined;
}
