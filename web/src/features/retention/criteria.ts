// SPDX-License-Identifier: Apache-2.0
/** What a rule may ask, each as a field has it: a text, whatever it is about. */

import type { Selection } from "./queries";
import { formatSize, sizeOf } from "./sizes";

/** In the order in which they are shown. */
export const CRITERIA = [
  "tags",
  "versions",
  "is_tagged",
  "except_tags",
  "tag_expressions",
  "older_than_days",
  "unused_for_days",
  "newest",
  "repositories",
  "artifact_types",
  "labels",
  "larger_than_bytes",
  "newer_than_days",
  "used_within_days",
  "with_referrer",
  "without_referrer",
  "facts",
] as const;

export type Criterion = (typeof CRITERIA)[number];
export type By = "push" | "pull" | "version";

/** How a criterion is typed. */
export const KINDS: Record<Criterion, "patterns" | "lines" | "text" | "days" | "size" | "tagged" | "newest"> =
  {
    tags: "patterns",
    versions: "text",
    is_tagged: "tagged",
    except_tags: "patterns",
    tag_expressions: "lines",
    older_than_days: "days",
    unused_for_days: "days",
    newest: "newest",
    repositories: "patterns",
    artifact_types: "patterns",
    labels: "lines",
    larger_than_bytes: "size",
    newer_than_days: "days",
    used_within_days: "days",
    with_referrer: "text",
    without_referrer: "text",
    facts: "patterns",
  };

const MOST_DAYS = 3_650;
const MOST_NEWEST = 100_000;

/** What a field shows of a selection; undefined where nothing is asked. */
export function typedOf(selection: Selection, criterion: Criterion): string | undefined {
  const value = selection[criterion];
  if (value == null || value === "") return undefined;
  if (Array.isArray(value))
    return value.length ? value.join(KINDS[criterion] === "lines" ? "\n" : ", ") : undefined;
  if (typeof value === "object") return String(value.count);
  if (typeof value === "boolean") return value ? "yes" : "no";
  return criterion === "larger_than_bytes" ? formatSize(Number(value)) : String(value);
}

/** The same as the API asks for it; undefined for what says nothing. */
export function askedOf(criterion: Criterion, typed: string, by: By): Selection[Criterion] | undefined {
  const text = typed.trim();
  if (!text) return undefined;
  const kind = KINDS[criterion];
  if (kind === "patterns") return listed(text, /[\s,]+/);
  if (kind === "lines") return listed(text, /\n/);
  if (kind === "days") return Number(text);
  if (kind === "size") return sizeOf(text);
  if (kind === "tagged") return text === "yes";
  return kind === "newest" ? { count: Number(text), by } : text;
}

/** Whether what was typed is a number where one is asked for; the server knows of everything else. */
export function isTypedRight(criterion: Criterion, typed: string): boolean {
  const kind = KINDS[criterion];
  const text = typed.trim();
  if (kind === "days") return isWhole(text, 0, MOST_DAYS);
  if (kind === "newest") return isWhole(text, 1, MOST_NEWEST);
  if (kind === "size") return sizeOf(text) !== undefined;
  return text !== "";
}

function isWhole(text: string, least: number, most: number): boolean {
  return /^\d+$/.test(text) && Number(text) >= least && Number(text) <= most;
}

function listed(text: string, between: RegExp): string[] {
  return text
    .split(between)
    .map((each) => each.trim())
    .filter(Boolean);
}
