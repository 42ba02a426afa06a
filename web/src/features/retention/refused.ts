// SPDX-License-Identifier: Apache-2.0
/** Where in a policy the server found something wrong, as far as that can be told from what it says. */

import type { Problem } from "@/api";
import type { Criterion } from "./criteria";
import type { DraftRule } from "./drafts";

export interface Place {
  /** Which rule; undefined for what is about the policy as a whole. */
  rule?: number;
  field: Criterion | "name" | "cron" | "brake" | "rule";
}

const CRITERIA_OF: Readonly<Record<string, readonly Criterion[]>> = {
  invalid_path_pattern: ["repositories"],
  invalid_tag_pattern: ["tags", "except_tags"],
  invalid_version_range: ["versions"],
};
const OF_RULES: readonly (readonly [RegExp, readonly Criterion[]])[] = [
  [/is no regular expression/, ["tag_expressions"]],
  [/untagged has no tag/, ["is_tagged"]],
  [/about what is untagged/, ["is_tagged"]],
];

/** The field that a refusal is about; undefined where nobody can tell. */
export function placeOf(
  { code, message }: Pick<Problem, "code" | "message">,
  rules: readonly DraftRule[],
): Place | undefined {
  if (code === "invalid_schedule") return { field: "cron" };
  const member = /^rules\.(\d+)\.(?:selection\.)?([a-z_]+)/.exec(message);
  if (member) return named(rules[Number(member[1])], member[2] ?? "");
  const fields = CRITERIA_OF[code] ?? OF_RULES.find(([said]) => said.test(message))?.[1];
  if (!fields) return undefined;
  const asked = rules.flatMap((rule) =>
    fields
      .filter((field) => rule.asked[field])
      .map((field) => ({ rule: rule.id, field, typed: rule.asked[field] ?? "" })),
  );
  const quoted = /['"]([^'"]+)['"]/.exec(message)?.[1];
  const found = (quoted && asked.find(({ typed }) => typed.includes(quoted))) || asked[0];
  return found && { rule: found.rule, field: found.field };
}

function named(rule: DraftRule | undefined, member: string): Place | undefined {
  if (!rule) return undefined;
  const field = member in rule.asked ? (member as Criterion) : member === "name" ? "name" : "rule";
  return { rule: rule.id, field };
}

/** What is wrong and what to do about it, in whole sentences. */
export function refusalText({ message, hint }: Pick<Problem, "message" | "hint">): string {
  const said = message.charAt(0).toUpperCase() + message.slice(1);
  return [said.endsWith(".") ? said : `${said}.`, hint].filter(Boolean).join(" ");
}
