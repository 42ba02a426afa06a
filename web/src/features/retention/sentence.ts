// SPDX-License-Identifier: Apache-2.0
/** What a rule does, in one plain sentence. */

import { formatBytes } from "@/ui";
import { sentences as text } from "@/words/rule-words";
import type { Rule, Selection } from "./queries";

/** What the sentence is about; whether something lasts is said of either in other words. */
type Noun = "tags" | "artifacts";

export function sentenceOf({ effect, selection }: Rule): string {
  const isKeeping = effect === "keep";
  const noun = effect === "delete-artifacts" || !isAboutTags(selection) ? "artifacts" : "tags";
  const about = effect === "delete-tags" ? "tags" : noun;
  const what = [...subject(selection, about, isKeeping), ...ages(selection, about, isKeeping)].join(" ");
  const counted = withNewest(selection, what, isKeeping);
  const where = selection.repositories?.length ? [text.repositories(selection.repositories)] : [];
  const whole = [isKeeping ? text.keep(counted) : text.delete(counted), ...where].join(" ");
  return effect === "delete-tags" ? `${whole}, ${text.leaving}` : whole;
}

function isAboutTags({ tags, tag_expressions, versions, is_tagged }: Selection): boolean {
  return Boolean(tags?.length || tag_expressions?.length || versions || is_tagged);
}

function subject(selection: Selection, noun: Noun, isKeeping: boolean): string[] {
  const qualities = [...ofTag(selection, noun), ...ofArtifact(selection)];
  const isAll = !qualities.length && selection.is_tagged == null;
  return [isAll && isKeeping ? text.anything : thing(selection, noun), ...qualities];
}

function thing(selection: Selection, noun: Noun): string {
  if (selection.is_tagged === false) return text.things.untagged;
  const isNamed = selection.tags?.length || selection.tag_expressions?.length || selection.versions;
  return noun === "artifacts" && selection.is_tagged && !isNamed ? text.things.tagged : text.things[noun];
}

function ofTag(
  { tags = [], tag_expressions = [], except_tags = [], versions }: Selection,
  noun: Noun,
): string[] {
  const patterns = [...tags, ...tag_expressions.map((expression) => `/${expression}/`)];
  const isOfTags = noun === "tags";
  const found: string[] = [];
  if (patterns.length) found.push(isOfTags ? text.named(patterns) : text.tagged(patterns));
  if (versions === "*") found.push(isOfTags ? text.areVersions : text.taggedVersions);
  else if (versions) found.push(isOfTags ? text.versions(versions) : text.taggedInRange(versions));
  if (except_tags.length) found.push(text.except(except_tags));
  return found;
}

function ofArtifact(selection: Selection): string[] {
  const { artifact_types, labels, facts, larger_than_bytes: least } = selection;
  const found: string[] = [];
  if (artifact_types?.length) found.push(text.ofType(artifact_types));
  if (labels?.length) found.push(text.labelled(labels));
  if (facts?.length) found.push(text.withFacts(text.facts(facts)));
  if (least != null) found.push(text.larger(formatBytes(least)));
  if (selection.with_referrer) found.push(text.withReferrer(selection.with_referrer));
  if (selection.without_referrer) found.push(text.withoutReferrer(selection.without_referrer));
  return found;
}

function ages(selection: Selection, noun: Noun, isKeeping: boolean): string[] {
  // What is counted is not told by when it goes, or until when it stays.
  const isTold = !selection.newest;
  const isGoing = isTold && !isKeeping;
  const isStaying = isTold && isKeeping;
  const said: [number | null | undefined, (days: number) => string][] = [
    [selection.older_than_days, (isGoing ? text.after : text.olderThan)[noun]],
    [selection.newer_than_days, (isStaying ? text.for : text.newerThan)[noun]],
    [selection.unused_for_days, isGoing ? text.onceUnused : text.unused],
    [selection.used_within_days, isStaying ? text.whileUsed : text.used],
  ];
  return said.flatMap(([days, tell]) => (days == null ? [] : [tell(days)]));
}

function withNewest({ newest }: Selection, what: string, isKeeping: boolean): string {
  if (!newest) return what;
  const told = text.newest[newest.by ?? "push"](newest.count);
  return isKeeping ? text.keepNewest(told, what) : text.allBut(told, what);
}
