// SPDX-License-Identifier: Apache-2.0
/** A policy while it is edited. Nothing of it counts before it is saved. */

import { askedOf, type By, CRITERIA, type Criterion, isTypedRight, typedOf } from "./criteria";
import type { Policy, Rule, Selection, Terms } from "./queries";

export const BRAKE_PERCENT = 50;
export const MOST_RULES = 50;
const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const NAME_CHARACTERS = 64;
/** By this name goes what has expired, as by a rule. */
const EXPIRY = "expiry";

export type Effect = Rule["effect"];

export interface DraftRule {
  /** Tells it from the others while they are added and removed. */
  id: number;
  name: string;
  effect: Effect;
  isEnabled: boolean;
  description: string;
  /** What is asked, as it was typed. A criterion that was chosen and not filled in is empty. */
  asked: Partial<Record<Criterion, string>>;
  newestBy: By;
}

export interface Draft {
  rules: DraftRule[];
  cron: string;
  brakePercent: string;
  expiresByLabels: boolean;
}

export function draftOf(policy: Policy | null): Draft {
  const { rules = [], cron = "", brake_percent = BRAKE_PERCENT, expires_by_labels = false } = policy ?? {};
  return {
    rules: rules.map((rule, id) => draftRuleOf(rule, id)),
    cron,
    brakePercent: String(brake_percent),
    expiresByLabels: expires_by_labels,
  };
}

export function draftRuleOf(
  { name, effect, selection, is_enabled = true, description = "" }: Rule,
  id: number,
): DraftRule {
  const asked: DraftRule["asked"] = {};
  for (const criterion of CRITERIA) {
    const typed = typedOf(selection, criterion);
    if (typed !== undefined) asked[criterion] = typed;
  }
  return {
    id,
    name,
    effect,
    isEnabled: is_enabled,
    description,
    asked,
    newestBy: selection.newest?.by ?? "push",
  };
}

/** The same as the API asks for it. */
export function ruleOf({ name, effect, isEnabled, description, asked, newestBy }: DraftRule): Rule {
  const said = CRITERIA.map((criterion) => [criterion, askedOf(criterion, asked[criterion] ?? "", newestBy)]);
  return {
    name: name.trim(),
    effect,
    selection: Object.fromEntries(said.filter(([, value]) => value !== undefined)) as Selection,
    is_enabled: isEnabled,
    description: description.trim(),
  };
}

export function termsOf({ rules, cron, brakePercent, expiresByLabels }: Draft): Terms {
  return {
    rules: rules.map(ruleOf),
    cron: cron.trim(),
    brake_percent: Number(brakePercent),
    expires_by_labels: expiresByLabels,
  };
}

/** Whether two drafts would be saved as the same policy. */
export function isSame(one: Draft, other: Draft): boolean {
  return JSON.stringify(termsOf(one)) === JSON.stringify(termsOf(other));
}

export type Fault = "nameInvalid" | "nameTaken" | "nothingAsked" | Criterion;

/** What has to be put right in a rule before it can be tried: what the server would say nothing more useful about. */
export function faultsOf(rule: DraftRule, rules: readonly DraftRule[]): Fault[] {
  const faults: Fault[] = [];
  if (!NAME.test(rule.name.trim()) || rule.name.trim() === EXPIRY) faults.push("nameInvalid");
  else if (rules.some(({ id, name }) => id !== rule.id && name.trim() === rule.name.trim()))
    faults.push("nameTaken");
  const asked = CRITERIA.filter((criterion) => criterion in rule.asked);
  faults.push(...asked.filter((criterion) => !isTypedRight(criterion, rule.asked[criterion] ?? "")));
  if (rule.effect !== "keep" && asked.every((criterion) => criterion === "repositories"))
    faults.push("nothingAsked");
  return faults;
}

export function isBrake(typed: string): boolean {
  return /^\d{1,3}$/.test(typed.trim()) && Number(typed) <= 100;
}

/** Whether all of it can be sent; the server knows what is right. */
export function isWhole({ rules, brakePercent }: Draft): boolean {
  return isBrake(brakePercent) && rules.every((rule) => !faultsOf(rule, rules).length);
}

/** The rules with others behind them, each under a name that is free. */
export function withRules(rules: readonly DraftRule[], added: readonly Rule[]): DraftRule[] {
  const all = [...rules];
  for (const rule of added) all.push({ ...draftRuleOf(rule, nextId(all)), name: freeName(rule.name, all) });
  return all;
}

/** One more rule, of which nothing is said but what rules mostly do. */
export function newRule(rules: readonly DraftRule[]): DraftRule {
  return {
    id: nextId(rules),
    name: freeName("rule", rules),
    effect: "delete-artifacts",
    isEnabled: true,
    description: "",
    asked: { tags: "", older_than_days: "" },
    newestBy: "push",
  };
}

/** The rules with a copy of one behind it. */
export function withCopy(rules: readonly DraftRule[], id: number): DraftRule[] {
  const at = rules.findIndex((each) => each.id === id);
  const rule = rules[at];
  if (!rule) return [...rules];
  return rules.toSpliced(at + 1, 0, { ...rule, id: nextId(rules), name: freeName(rule.name, rules) });
}

function nextId(rules: readonly DraftRule[]): number {
  return Math.max(-1, ...rules.map(({ id }) => id)) + 1;
}

function freeName(wanted: string, rules: readonly DraftRule[]): string {
  const taken = new Set(rules.map(({ name }) => name.trim()));
  if (!taken.has(wanted)) return wanted;
  const stem = wanted.replace(/-\d+$/, "");
  for (let number = 2; ; number += 1) {
    const end = `-${number}`;
    const name = stem.slice(0, NAME_CHARACTERS - end.length) + end;
    if (!taken.has(name)) return name;
  }
}
