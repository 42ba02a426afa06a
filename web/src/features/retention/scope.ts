// SPDX-License-Identifier: Apache-2.0
/** The three levels that have policies: the registry, its projects and their repositories. */

import { projectAddress, repositoryAddress } from "@/shell/addresses";

export interface Scope {
  level: "registry" | "project" | "repository";
  /** Empty for the registry. */
  name: string;
}

export const REGISTRY: Scope = { level: "registry", name: "" };

/** The levels whose policies count here too, the nearest first. */
export function above({ level, name }: Scope): Scope[] {
  if (level === "registry") return [];
  if (level === "project") return [REGISTRY];
  return [{ level: "project", name: name.split("/", 1)[0] ?? "" }, REGISTRY];
}

/** The page on which the policy of a scope is a tab. */
export function pageOf({ level, name }: Scope): string {
  if (level === "registry") return "/system";
  return level === "project" ? projectAddress(name) : repositoryAddress(name);
}
