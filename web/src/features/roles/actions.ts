// SPDX-License-Identifier: Apache-2.0
import type { components } from "@/api";
import { words } from "@/words";

export type Action = components["schemas"]["Action"];

export const ACTIONS = Object.keys(words.roles.actions) as Action[];

const NAME = /^[a-z][a-z0-9-]{0,63}$/;
const BUILT_IN: readonly string[] = [...Object.keys(words.roles.builtIn), ...Object.keys(words.roles.system)];

/** Whether a role that somebody makes can have this name. */
export function isRoleName(text: string): boolean {
  return NAME.test(text) && !BUILT_IN.includes(text);
}

/** What follows from actions without being named: who may pull may read, and who may administer may do everything. */
export function implied(actions: readonly Action[]): readonly Action[] {
  if (actions.includes("admin")) return ACTIONS.filter((action) => action !== "admin");
  return actions.includes("pull") ? ["read"] : [];
}

/** The actions to name, without what follows from them. */
export function named(actions: readonly Action[]): Action[] {
  const following = implied(actions);
  return ACTIONS.filter((action) => actions.includes(action) && !following.includes(action));
}
