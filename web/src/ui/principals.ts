// SPDX-License-Identifier: Apache-2.0
/** Those to whom roles are given, and who are in groups. */

export type PrincipalKind = "user" | "group" | "robot" | "workload" | "everyone" | "anonymous";

/** Those who have names: one of them, or a group. */
export const IN_PARTICULAR = ["user", "group", "robot", "workload"] as const;

export const PRINCIPAL_KINDS: readonly PrincipalKind[] = [...IN_PARTICULAR, "everyone", "anonymous"];

export interface Named {
  kind: PrincipalKind;
  /** Empty for those of whom there is one each. */
  name: string;
}

export const NOBODY: Named = { kind: "user", name: "" };

export function isMany(kind: PrincipalKind): kind is "everyone" | "anonymous" {
  return kind === "everyone" || kind === "anonymous";
}

/** Whether it says who. */
export function isSomebody({ kind, name }: Named): boolean {
  return isMany(kind) || name.trim() !== "";
}

/** The same as the API asks for it, such as `user:alice`, or `everyone`. */
export function identityOf({ kind, name }: Named): string {
  return isMany(kind) ? kind : `${kind}:${name.trim()}`;
}

/** What somebody is called in a sentence, from an identity such as `user:alice`. */
export function nameOf(identity: string): string {
  return identity.slice(identity.indexOf(":") + 1);
}
