// SPDX-License-Identifier: Apache-2.0
/** Figures of hours or days in a row: those in which nothing happened are in no answer, and in every chart. */

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export interface Point {
  at: Date;
  value: number;
}

/** One point for each step from `since` to before `until`; 0 where nothing is known to have happened. */
export function filled<Item extends { at: string | null }>(
  items: readonly Item[],
  { since, until, stepMs }: { since: Date; until: Date; stepMs: number },
  figureOf: (item: Item) => number,
): Point[] {
  const values = new Map(items.map((item) => [new Date(item.at ?? 0).getTime(), figureOf(item)]));
  const points: Point[] = [];
  for (let at = Math.floor(since.getTime() / stepMs) * stepMs; at < until.getTime(); at += stepMs)
    points.push({ at: new Date(at), value: values.get(at) ?? 0 });
  return points;
}

/** The last `days` days, today among them, as the server counts them: in UTC. */
export function lastDays(days: number, now: Date): { since: Date; until: Date; stepMs: number } {
  const today = Math.floor(now.getTime() / DAY_MS) * DAY_MS;
  return { since: new Date(today - (days - 1) * DAY_MS), until: new Date(today + DAY_MS), stepMs: DAY_MS };
}
