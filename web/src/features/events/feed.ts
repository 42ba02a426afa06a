// SPDX-License-Identifier: Apache-2.0
/** From what was heard, and what changed before, to the lines of the page. Pure. */

import type { components } from "@/api";
import { type LiveEvent, RESET, type Recent, USED } from "@/live";
import type { Happening, HappeningKind } from "@/ui";

type Change = components["schemas"]["RecentItem"];

export interface Wanted {
  /** Of any, when empty. */
  project: string;
  /** A type of events; every change, when empty. */
  type: string;
}

/** A line, or a place where some may be missing. */
export type Entry = Happening | { key: string; kind: "gap"; at: string };

/** One push makes several events, and the list of changes has its own moment for them: at most so far apart. */
const SAME_MS = 5_000;
const SHOWN = 200;

/** Return the lines, the newest first. */
export function entriesOf(heard: Recent, before: readonly Change[], wanted: Wanted): Entry[] {
  const told = wanted.type === USED ? heard.pulls : heard.changes;
  const entries = told.flatMap(({ event, heardAt }) => entriesOfEvent(event, heardAt));
  const older = wanted.type === USED ? [] : before.map(fromChange).filter((one) => !isAmong(one, entries));
  const sorted = [...entries, ...older].sort((one, other) => Date.parse(other.at) - Date.parse(one.at));
  const all = wanted.type ? sorted : withoutEchoes(sorted);
  return all.filter((entry) => isWanted(entry, wanted)).slice(0, SHOWN);
}

/** How many of the lines were not there before. */
export function countNew(entries: readonly Entry[], before: readonly Entry[]): number {
  const known = new Set(before.map(({ key }) => key));
  return entries.filter(({ key }) => !known.has(key)).length;
}

function entriesOfEvent(event: LiveEvent, heardAt: number): Entry[] {
  const at = event.occurred_at ?? new Date(heardAt).toISOString();
  const key = event.id ?? `${event.type} ${heardAt}`;
  if (event.type === RESET) return [{ key, kind: "gap", at }];
  if (event.type === USED)
    return (event.uses ?? [])
      .filter((use) => use.is_pull)
      .map((use, index) => ({ ...use, key: `${key} ${index}`, kind: USED, at }));
  const { repository, tag, digest, previous_digest: previous, principal: by, cause } = event;
  if (!repository) return [];
  return [{ key, kind: kindOf(event.type, previous), at, repository, tag, digest, previous, by, cause }];
}

function fromChange(change: Change): Happening {
  const { at, repository, tag, digest, previous, by, cause } = change;
  const key = [at, repository, tag, digest].join(" ");
  return { key, kind: kindOf(change.kind, previous), at, repository, tag, digest, previous, by, cause };
}

function kindOf(type: string, previous: string | null | undefined): HappeningKind {
  return type === "tag.moved" && !previous ? "tag.created" : (type as HappeningKind);
}

function typeOf(kind: HappeningKind): string {
  return kind === "tag.created" ? "tag.moved" : kind;
}

function isWanted(entry: Entry, { project, type }: Wanted): boolean {
  if (entry.kind === "gap") return true;
  if (project && entry.repository.split("/")[0] !== project) return false;
  return !type || typeOf(entry.kind) === type;
}

function isAmong(one: Happening, entries: readonly Entry[]): boolean {
  return entries.some((other) => other.kind === one.kind && isSame(one, other));
}

function isSame(one: Happening, other: Happening): boolean {
  return (
    one.repository === other.repository &&
    one.tag === other.tag &&
    (one.digest ?? null) === (other.digest ?? null) &&
    Math.abs(Date.parse(one.at) - Date.parse(other.at)) <= SAME_MS
  );
}

/** Leave out that an artifact was pushed where the line above says that a tag points at it now. */
function withoutEchoes(entries: readonly Entry[]): Entry[] {
  const near = 3;
  return entries.filter((entry, index) => {
    if (entry.kind !== "manifest.pushed") return true;
    const around = entries.slice(Math.max(0, index - near), index);
    return !around.some((other) => isTag(other) && isSame(entry, other));
  });
}

function isTag(entry: Entry): entry is Happening {
  return entry.kind === "tag.created" || entry.kind === "tag.moved";
}
