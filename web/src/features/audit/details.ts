// SPDX-License-Identifier: Apache-2.0
/** What a record says beside its fields: what was before and after, member by member, and the rest. Pure. */

import { formatMoment } from "@/ui";

export type ChangeKind = "added" | "removed" | "changed" | "same";

export interface Member {
  /** Such as `span.begins_at`; empty for a value that has no members. */
  name: string;
  before: string | undefined;
  after: string | undefined;
  kind: ChangeKind;
}

export interface Details {
  reason: string;
  members: Member[];
  /** What else is told, by its name. */
  told: [name: string, value: string][];
}

const DEEPEST = 4;
const MOMENT = /_(at|since|until)$/;

/** Take apart what stands beside a record. */
export function detailsOf(details: unknown): Details {
  if (!isObject(details))
    return { reason: "", members: [], told: isGiven(details) ? [["", shown("", details)]] : [] };
  const { reason, before, after, ...rest } = details;
  const told = Object.entries(rest).filter(([, value]) => isGiven(value));
  return {
    reason: isGiven(reason) ? shown("reason", reason) : "",
    members: membersOf(before, after),
    told: told.map(([name, value]) => [name, shown(name, value)]),
  };
}

/** What was before and after, side by side: in the order of what is there now, then what went. What is empty is left out. */
export function membersOf(before: unknown, after: unknown): Member[] {
  const was = leaves(before);
  const is = leaves(after);
  return [...new Set([...is.keys(), ...was.keys()])]
    .map((name) => {
      const [one, other] = [was.get(name), is.get(name)];
      return { name, before: one, after: other, kind: kindOf(one, other) };
    })
    .filter((member) => member.before || member.after);
}

function kindOf(before: string | undefined, after: string | undefined): ChangeKind {
  if (before === undefined) return "added";
  if (after === undefined) return "removed";
  return before === after ? "same" : "changed";
}

/** Every value by the path to it. Lists are values, and so is what lies too deep. */
function leaves(value: unknown, path: readonly string[] = []): Map<string, string> {
  if (value === undefined || (value === null && !path.length)) return new Map();
  if (!isObject(value) || path.length === DEEPEST || (path.length && !Object.keys(value).length))
    return new Map([[path.join("."), shown(path.at(-1) ?? "", value)]]);
  return new Map(Object.entries(value).flatMap(([name, inner]) => [...leaves(inner, [...path, name])]));
}

function shown(name: string, value: unknown): string {
  if (typeof value === "number" && MOMENT.test(name)) return formatMoment(new Date(value));
  if (value === null) return "";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((each) => typeof each === "string")) return value.join(", ");
  return JSON.stringify(value);
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null && value !== "";
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
