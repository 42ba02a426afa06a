// SPDX-License-Identifier: Apache-2.0
import type { components } from "@/api";

export type Action = components["schemas"]["Action"];
export type Role = components["schemas"]["Role"];

/** What each role allows, as the registry decides; the weakest first. */
export const ROLE_ACTIONS: Record<Role, readonly Action[]> = {
  read: ["pull"],
  write: ["pull", "push"],
  admin: ["pull", "push", "delete", "admin"],
};

export const ROLES = Object.keys(ROLE_ACTIONS) as Role[];
export const ACTIONS = ROLE_ACTIONS.admin;

/** Read an action from an address; what is none is a pull. */
export function actionOf(text: string): Action {
  return ACTIONS.find((action) => action === text) ?? "pull";
}

/** The weakest role that allows an action. */
export function roleFor(action: Action): Role {
  return ROLES.find((role) => ROLE_ACTIONS[role].includes(action)) ?? "admin";
}
