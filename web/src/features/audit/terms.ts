// SPDX-License-Identifier: Apache-2.0
/** What is searched for, as it stands in the address. Pure. */

import { ROOT } from "@/api";

export const TERMS = [
  "type",
  "principal",
  "address",
  "project",
  "repository",
  "tag",
  "digest",
  "object",
  "outcome",
  "credential",
  "request_id",
  "since",
  "until",
] as const;

export type Term = (typeof TERMS)[number];

/** By the names of the API; what is not there excludes nothing. */
export type Terms = Partial<Record<Term, string>>;

export type Format = "jsonl" | "csv";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const NAME = /^[A-Za-z0-9][A-Za-z0-9 ._-]{0,63}$/;

/** Read the terms from an address. What is wrong in them stays: the server says so. */
export function termsOf(search: Readonly<Record<string, unknown>>): Terms {
  const given = TERMS.map((term) => [term, String(search[term] ?? "").trim()] as const);
  return Object.fromEntries(given.filter(([, value]) => value));
}

/** The same of what was typed: a name that does not say of what it is, is a user's. */
export function termsTyped(typed: Terms): Terms {
  const terms = termsOf(typed);
  return terms.principal ? { ...terms, principal: identityTyped(terms.principal) } : terms;
}

function identityTyped(name: string): string {
  if (name.includes(":")) return name;
  return name === "anonymous" ? "anonymous:anonymous" : `user:${name}`;
}

export function isSame(one: Terms, other: Terms): boolean {
  return TERMS.every((term) => one[term] === other[term]);
}

/** The terms of a search that is saved: its span of time would soon be past. */
export function lasting({ since: _, until: __, ...terms }: Terms): Terms {
  return terms;
}

/** Whether a saved search can have this name. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** When the last so many hours began, to the minute. */
export function hoursAgo(hours: number, now: Date): string {
  const began = now.getTime() - hours * HOUR_MS;
  return new Date(began - (began % MINUTE_MS)).toISOString();
}

/** A moment as a field of date and time has it, in the zone of the viewer; empty for what is none. */
export function toField(moment: string | undefined): string {
  const date = new Date(moment ?? "");
  if (Number.isNaN(date.getTime())) return "";
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [String(date.getFullYear()).padStart(4, "0"), two(date.getMonth() + 1), two(date.getDate())];
  const time = [two(date.getHours()), two(date.getMinutes())];
  const seconds = date.getSeconds();
  return `${day.join("-")}T${[...time, ...(seconds ? [two(seconds)] : [])].join(":")}`;
}

/** What such a field says, as the API wants it; empty for what is no moment. */
export function fromField(field: string): string {
  const date = new Date(field);
  return Number.isNaN(date.getTime()) ? "" : date.toISOString();
}

/** Where the browser downloads what a search finds. */
export function exportAddress(terms: Terms, format: Format): string {
  return `${ROOT}/api/v1/audit/records:export?${new URLSearchParams({ ...terms, format })}`;
}

/** A record by its number and its moment, as it stands in the address. */
export interface Place {
  seq: number;
  at: string;
}

export function toAddress({ seq, at }: Place): string {
  return `${seq}@${at}`;
}

export function fromAddress(text: string): Place | undefined {
  const [seq = "", at = ""] = text.split("@");
  const isPlace = /^\d{1,15}$/.test(seq) && !Number.isNaN(Date.parse(at));
  return isPlace ? { seq: Number(seq), at } : undefined;
}

/** The first millisecond of a record, and the one after it. */
export function momentOf({ at }: Place): { since: string; until: string } {
  const began = Date.parse(at);
  return { since: new Date(began).toISOString(), until: new Date(began + 1).toISOString() };
}
