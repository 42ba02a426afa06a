// SPDX-License-Identifier: Apache-2.0
/** When a role ends by itself. */

const DAY_MS = 86_400_000;

export type Choice = "kept" | "never" | "7" | "30" | "90" | "date";

export interface End {
  choice: Choice;
  /** The last day, such as `2027-01-31`, where a date is chosen. */
  date: string;
}

export const NEVER: End = { choice: "never", date: "" };

/** What to propose for a role that ends at `at` now: that it stays so, and a month more where it has ended. */
export function endLike(at: string | null, now: Date): End {
  if (at === null) return NEVER;
  return { choice: new Date(at) > now ? "kept" : "30", date: "" };
}

/**
 * When the role ends, as the API asks for it: null for never, undefined when no moment to come was given.
 * A last day ends where the viewer is; `kept` is the moment that is not to be changed.
 */
export function momentOf(
  { choice, date }: End,
  now: Date,
  kept: string | null = null,
): string | null | undefined {
  if (choice === "never") return null;
  if (choice === "kept") return kept;
  if (choice !== "date") return new Date(now.getTime() + Number(choice) * DAY_MS).toISOString();
  const [year, month, day] = date.split("-").map(Number);
  if (!year || !month || !day) return undefined;
  const end = new Date(year, month - 1, day + 1);
  return end > now ? end.toISOString() : undefined;
}
