// SPDX-License-Identifier: Apache-2.0
/** A template while it is typed. */

import type { Template, Wanted } from "./queries";

export const KINDS = ["creator", "user", "group", "robot"] as const;
export const MOST_GRANTS = 20;
export const UNSAID = "unsaid";

export type Kind = (typeof KINDS)[number];
export type Purpose = Template["purpose"];
export type Visibility = NonNullable<Template["visibility"]>;

export interface DraftGrant {
  /** Tells it from the others while they are added and removed. */
  id: number;
  kind: Kind;
  name: string;
  role: string;
  path: string;
}

export interface Draft {
  name: string;
  purpose: Purpose;
  pattern: string;
  visibility: Visibility | typeof UNSAID;
  grants: DraftGrant[];
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/;

/** What is asked for at first: that of a template, or nothing but a role for the creator; in a project everywhere. */
export function draftOf(template?: Template, project = ""): Draft {
  if (!template) {
    const creator: DraftGrant = { id: 0, kind: "creator", name: "", role: "admin", path: "**" };
    const purpose = project ? "repository" : "project";
    return { name: "", purpose, pattern: project && `${project}/**`, visibility: UNSAID, grants: [creator] };
  }
  const { name, purpose, pattern, visibility } = template;
  const grants = template.grants.map(({ principal, role, path = "" }, id) => ({
    id,
    ...who(principal),
    role,
    path,
  }));
  return { name, purpose, pattern, visibility: visibility ?? UNSAID, grants };
}

/** One more grant, for somebody to be named. */
export function oneMore(grants: readonly DraftGrant[]): DraftGrant {
  const id = Math.max(-1, ...grants.map((each) => each.id)) + 1;
  return { id, kind: "group", name: "", role: "read", path: "**" };
}

export function isTemplateName(name: string): boolean {
  return NAME.test(name);
}

/** Whether everything that is needed was typed; the server knows what is right. */
export function isWhole({ name, pattern, grants }: Draft): boolean {
  const areWhole = grants.every(
    ({ kind, name: called, role }) => (kind === "creator" || called.trim()) && role.trim(),
  );
  return isTemplateName(name) && pattern.trim() !== "" && areWhole;
}

/** The same as the API asks for it. */
export function wantedOf({ purpose, pattern, visibility, grants }: Draft): Wanted {
  const isProject = purpose === "project";
  return {
    purpose,
    pattern: pattern.trim(),
    visibility: isProject && visibility !== UNSAID ? visibility : null,
    grants: grants.map(({ kind, name, role, path }) => ({
      principal: kind === "creator" ? kind : `${kind}:${name.trim()}`,
      role: role.trim(),
      path: isProject ? path.trim() : "",
    })),
  };
}

function who(principal: string): { kind: Kind; name: string } {
  const [kind, name = ""] = principal.split(/:(.*)/s);
  return { kind: KINDS.find((each) => each === kind) ?? "user", name };
}
