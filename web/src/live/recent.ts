// SPDX-License-Identifier: Apache-2.0
/** What was heard since somebody logged in, the newest first, as far as it is kept. */

import { useSyncExternalStore } from "react";
import type { LiveEvent } from "./stream";

const KEPT_CHANGES = 500;
const KEPT_PULLS = 200;

export interface Heard {
  event: LiveEvent;
  /** By the clock of this browser, in milliseconds. */
  heardAt: number;
}

export interface Recent {
  changes: readonly Heard[];
  /** Kept apart: in a busy registry there is one every second. */
  pulls: readonly Heard[];
}

/** How often content was asked for, added up over about a second. */
export const USED = "content.used";

const NOTHING: Recent = { changes: [], pulls: [] };
let recent = NOTHING;
const watchers = new Set<() => void>();

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

function set(now: Recent): void {
  recent = now;
  for (const tell of watchers) tell();
}

export function keep(event: LiveEvent): void {
  const heard = { event, heardAt: Date.now() };
  if (event.type === USED) set({ ...recent, pulls: [heard, ...recent.pulls].slice(0, KEPT_PULLS) });
  else set({ ...recent, changes: [heard, ...recent.changes].slice(0, KEPT_CHANGES) });
}

/** Somebody else is logged in, who may see something else. */
export function forget(): void {
  set(NOTHING);
}

export function useRecent(): Recent {
  return useSyncExternalStore(watch, () => recent);
}
