// SPDX-License-Identifier: Apache-2.0
import type { components } from "@/api";
import { words } from "@/words";

export type Action = components["schemas"]["Action"];

export const ACTIONS = Object.keys(words.roles.actions) as Action[];

/** What can be allowed for some tags only. */
const OF_TAGS: readonly Action[] = ["tag", "delete"];

/** May somebody do this in a repository, for a tag, or for all tags? */
export interface Question {
  action: Action;
  repository: string;
  /** Empty for all, and where tags play no part. */
  tag: string;
  /** An identity such as `robot:team.ci`, or a user's name; empty for the viewer. */
  principal: string;
}

/** Read an action from an address; what is none is a pull. */
export function actionOf(text: unknown): Action {
  return ACTIONS.find((action) => action === text) ?? "pull";
}

export function hasTags(action: Action): boolean {
  return OF_TAGS.includes(action);
}

/** Read a question from the query of an address. */
export function questionOf(search: Record<string, unknown>): Question {
  const text = (name: string) => String(search[name] ?? "").trim();
  const action = actionOf(search.action);
  return {
    action,
    repository: text("repository"),
    tag: hasTags(action) ? text("tag") : "",
    principal: text("principal"),
  };
}

/** What the question is about: the repository, with the tag if there is one. */
export function placeOf({ repository, tag }: Pick<Question, "repository" | "tag">): string {
  return tag ? `${repository}:${tag}` : repository;
}

/** The same question on the command line. */
export function mayCommand({ action, principal, ...of }: Question): string {
  return `entrepot can-i ${action} ${placeOf(of)}${principal ? ` --as ${principal}` : ""}`;
}

/** Who may do it, on the command line. */
export function whoCommand({ action, ...of }: Omit<Question, "principal">): string {
  return `entrepot who-can ${action} ${placeOf(of)}`;
}
