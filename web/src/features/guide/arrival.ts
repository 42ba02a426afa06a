// SPDX-License-Identifier: Apache-2.0
/** Finding what the viewer pushed and pulled, in what was heard and in what changed of late. Pure. */

import type { components } from "@/api";
import type { Heard } from "@/live";

type Change = components["schemas"]["RecentItem"];

export interface Arrival {
  repository: string;
  tag?: string;
  digest: string;
  /** By the clock of this browser, where it was heard. */
  heardAt?: number;
}

/** A client may look whether a tag is there before it pushes, and that is told up to a second later. */
const LOOKED_BEFORE_MS = 2_000;

const ARRIVING = new Set(["tag.moved", "manifest.pushed"]);

/** What somebody pushed last, after `since` (by the clock of this browser). What was heard comes newest first. */
export function heardArrival(changes: readonly Heard[], who: string, since: number): Arrival | undefined {
  for (const { event, heardAt } of changes) {
    if (heardAt < since) return undefined;
    const { type, principal, repository, tag, digest } = event;
    if (ARRIVING.has(type) && principal === who && repository && digest)
      return { repository, tag, digest, heardAt };
  }
  return undefined;
}

/** The same for whoever hears nothing: the newest change of somebody that was not there before. */
export function newArrival(
  changes: readonly Change[],
  before: readonly Change[],
  who: string,
): Arrival | undefined {
  const known = new Set(before.map(keyOf));
  for (const change of changes) {
    const { repository, tag, digest } = change;
    if (change.by === who && digest && !known.has(keyOf(change))) return { repository, tag, digest };
  }
  return undefined;
}

function keyOf({ at, repository, tag, digest }: Change): string {
  return [at, repository, tag, digest].join(" ");
}

/** Whether it was heard that somebody fetched what arrived, or only looked: a client that has all of it does no more. */
export function isPulled(pulls: readonly Heard[], arrival: Arrival, since: number): boolean {
  const { repository, digest, heardAt: arrivedAt = since } = arrival;
  return pulls.some(({ event, heardAt }) =>
    event.uses?.some(
      (use) =>
        use.repository === repository &&
        use.digest === digest &&
        heardAt >= arrivedAt + (use.is_pull ? 0 : LOOKED_BEFORE_MS),
    ),
  );
}
