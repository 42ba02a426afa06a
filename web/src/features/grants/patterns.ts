// SPDX-License-Identifier: Apache-2.0
import { words } from "@/words";

const SEGMENT = /^(?:[a-z0-9._-]|\*(?!\*))+$/;
const TAGS = /^(?:[A-Za-z0-9_.-]|\*(?!\*)){1,128}$/;

/** Say what a path pattern covers; undefined when no name can match it. */
export function covered(pattern: string): string | undefined {
  const text = words.grants.covers;
  if (pattern === "**") return text.everything;
  const isBelow = pattern.endsWith("/**");
  const stem = isBelow ? pattern.slice(0, -"/**".length) : pattern;
  if (!stem.split("/").every((segment) => SEGMENT.test(segment))) return undefined;
  if (stem.includes("*")) return isBelow ? text.belowLike(stem) : text.like(stem);
  if (!isBelow) return text.one(stem);
  return stem.includes("/") ? text.below(stem) : text.project(stem);
}

/** Whether something can be a pattern of tags, of which one may exist. */
export function isTagPattern(text: string): boolean {
  return TAGS.test(text);
}
