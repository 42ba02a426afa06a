// SPDX-License-Identifier: Apache-2.0
/** A rule while it is typed, and rules in another order. */

import type { NewRule, Rule } from "./queries";

export interface Draft {
  repositories: string;
  tags: string;
  effect: Rule["effect"];
  /** A day as a date field has it, empty for none. */
  until: string;
  description: string;
  isBinding: boolean;
}

const DAY_CHARACTERS = "2027-01-31".length;

/** What is asked for at first: what a rule says, or to keep all of a project. */
export function draftOf(rule: Rule | undefined, project: string): Draft {
  if (!rule) {
    const repositories = project ? `${project}/**` : "**";
    return { repositories, tags: "", effect: "immutable", until: "", description: "", isBinding: false };
  }
  const { repositories, tags, effect, until, description, is_binding } = rule;
  return {
    repositories,
    tags,
    effect,
    until: until?.slice(0, DAY_CHARACTERS) ?? "",
    description,
    isBinding: is_binding,
  };
}

/** What is sent; a moment that was set to the minute stays what it is unless another day is chosen. */
export function wantedOf(draft: Draft, before?: Rule): NewRule {
  const { repositories, tags, effect, description, isBinding } = draft;
  const isSameDay = before?.until?.slice(0, DAY_CHARACTERS) === draft.until;
  const until = draft.until ? (isSameDay ? before?.until : `${draft.until}T00:00:00Z`) : null;
  return {
    repositories: repositories.trim(),
    tags: tags.trim(),
    effect,
    until: until ?? null,
    description: description.trim(),
    is_binding: isBinding,
  };
}

/** Whether everything that is needed was typed; the server knows what is right. */
export function isWhole({ repositories, tags }: Draft): boolean {
  return repositories.trim() !== "" && tags.trim() !== "";
}

/** The rules with one put in the place of another, or at the end. */
export function withRule(rules: readonly NewRule[], rule: NewRule, at: number = rules.length): NewRule[] {
  return rules.toSpliced(at, 1, rule);
}

export function withoutRule(rules: readonly NewRule[], at: number): NewRule[] {
  return rules.toSpliced(at, 1);
}

/** The rules with one of them by so many places later, or earlier. */
export function moved(rules: readonly NewRule[], at: number, by: number): NewRule[] {
  const rule = rules[at];
  return rule ? rules.toSpliced(at, 1).toSpliced(at + by, 0, rule) : [...rules];
}
