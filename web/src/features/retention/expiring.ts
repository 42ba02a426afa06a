// SPDX-License-Identifier: Apache-2.0
/** When a tag goes, as a form asks for it. */

import type { Expiry } from "./queries";

export type Kind = "at" | "never" | "artifact";

const DAY_MS = 86_400_000;
const MOST_DAYS = 3_650;
/** What is proposed where nothing was said. */
const PROPOSED_DAYS = 7;

export function kindOf({ source, expires_at }: Expiry): Kind {
  if (source !== "somebody") return "artifact";
  return expires_at ? "at" : "never";
}

/** A moment as a field for a date and a time has it, in the zone of the viewer. */
export function shownFor({ source, expires_at }: Expiry, now: Date): string {
  const isSet = source === "somebody" && expires_at;
  const moment = isSet ? new Date(expires_at) : new Date(now.getTime() + PROPOSED_DAYS * DAY_MS);
  const local = new Date(moment.getTime() - moment.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, "2027-01-31T12:00".length);
}

/** Whether a moment is still to come, and within ten years. */
export function isToCome(typed: string, now: Date): boolean {
  const ahead = new Date(typed).getTime() - now.getTime();
  return ahead > 0 && ahead <= MOST_DAYS * DAY_MS;
}

/** The same as the API asks for it: a moment, null for never, undefined to forget what was said. */
export function sentFor(kind: Kind, typed: string): string | null | undefined {
  if (kind === "at") return new Date(typed).toISOString();
  return kind === "never" ? null : undefined;
}
