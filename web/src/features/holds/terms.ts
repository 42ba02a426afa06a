// SPDX-License-Identifier: Apache-2.0
/** When holds end, as fields have it. Pure. */

import type { Kind } from "./queries";

const DAY_MS = 86_400_000;
const DAYS = 90;
const MOST_DAYS = 366;

/** A day as a date field has it, so many days from now. */
export function dayIn(days: number, now: Date): string {
  return new Date(now.getTime() + days * DAY_MS).toISOString().slice(0, "2027-01-31".length);
}

/** What is offered at first. */
export function offeredEnd(now: Date): string {
  return dayIn(DAYS, now);
}

/** The moment that a day stands for, null for none. */
export function momentOf(day: string): string | null {
  return day ? `${day}T00:00:00Z` : null;
}

/** Whether a hold of this kind can end so; the server knows for sure. */
export function canEnd(kind: Kind, day: string, now: Date): boolean {
  if (!day) return kind === "legal";
  return day > dayIn(0, now) && (kind === "legal" || day <= dayIn(MOST_DAYS, now));
}
