// SPDX-License-Identifier: Apache-2.0
/** A rule while it is typed. */

import type { Rule } from "./queries";

export type ArtifactType = NonNullable<Rule["artifact_types"]>[number];

export interface Draft {
  repositories: string;
  /** Patterns, with spaces, commas or line ends between them. */
  names: string;
  tags: string;
  types: ArtifactType[];
  description: string;
}

/** What is asked for at first: what a rule says, or nothing about all of a project. */
export function draftOf(rule: Rule | undefined, project: string): Draft {
  if (!rule)
    return {
      repositories: project ? `${project}/**` : "**",
      names: "",
      tags: "",
      types: [],
      description: "",
    };
  return {
    repositories: rule.repositories,
    names: (rule.names ?? []).join(" "),
    tags: (rule.tags ?? []).join(" "),
    types: [...(rule.artifact_types ?? [])],
    description: rule.description ?? "",
  };
}

/** What is sent. */
export function wantedOf({ repositories, names, tags, types, description }: Draft): Rule {
  return {
    repositories: repositories.trim(),
    names: patternsIn(names),
    tags: patternsIn(tags),
    artifact_types: types,
    description: description.trim(),
  };
}

/** Whether everything that is needed was typed: a rule that allows everything is none. */
export function isWhole(draft: Draft): boolean {
  const { repositories, names, tags, artifact_types } = wantedOf(draft);
  return repositories !== "" && [names, tags, artifact_types].some((each) => each?.length);
}

export function patternsIn(text: string): string[] {
  return [...new Set(text.split(/[\s,]+/).filter(Boolean))];
}
