// SPDX-License-Identifier: Apache-2.0
import { Problem } from "@/api";
import type { KindName } from "./kinds";
import type { NewImport } from "./queries";

/** What was typed, but for the password: that stays in its field, and goes with the request alone. */
export interface Typed {
  kind: KindName;
  url: string;
  username: string;
  repositories: string;
  without: string;
  tags: string;
  withoutTags: string;
  since: string;
  newest: string;
  withReferrers: boolean;
  project: string;
  prefix: string;
  strip: string;
  overwrite: boolean;
  rate: string;
}

export const NOTHING: Typed = {
  kind: "other",
  url: "",
  username: "",
  repositories: "",
  without: "",
  tags: "",
  withoutTags: "",
  since: "",
  newest: "",
  withReferrers: true,
  project: "",
  prefix: "",
  strip: "",
  overwrite: false,
  rate: "",
};

export type Field = keyof Typed | "password";

const MEBIBYTE = 1024 * 1024;

/** A dry run of what was typed: what has a star is a pattern of repositories, as for the command. */
export function dryRunOf(typed: Typed, password: string): NewImport {
  const named = wordsIn(typed.repositories);
  return {
    url: typed.url.trim(),
    login: password ? { username: typed.username.trim(), password } : null,
    project: typed.project.trim(),
    prefix: typed.prefix.trim(),
    strip: Number(typed.strip) || 0,
    repositories: named.filter((each) => !each.includes("*")),
    patterns: named.filter((each) => each.includes("*")),
    exclude_repositories: wordsIn(typed.without),
    tags: wordsIn(typed.tags),
    exclude_tags: wordsIn(typed.withoutTags),
    newer_than: typed.since ? `${typed.since}T00:00:00Z` : null,
    newest: Number(typed.newest) || null,
    with_referrers: typed.withReferrers,
    overwrite: typed.overwrite,
    rate: typed.rate ? Math.max(1, Math.round(Number(typed.rate) * MEBIBYTE)) : null,
    parallel: 4,
    dry_run: true,
  };
}

function wordsIn(typed: string): string[] {
  return [...new Set(typed.split(/[\s,]+/).filter(Boolean))];
}

/** By members of the request. */
const FIELDS: Record<string, Field> = {
  url: "url",
  "login.username": "username",
  "login.password": "password",
  repositories: "repositories",
  patterns: "repositories",
  exclude_repositories: "without",
  tags: "tags",
  exclude_tags: "withoutTags",
  newer_than: "since",
  newest: "newest",
  project: "project",
  prefix: "prefix",
  strip: "strip",
  rate: "rate",
};

const OF_CODES: Record<string, Field> = {
  plain_http_refused: "url",
  outgoing_address_invalid: "url",
  outgoing_address_forbidden: "url",
  project_name_invalid: "project",
  project_unknown: "project",
  forbidden: "project",
  invalid_path_pattern: "repositories",
  invalid_tag_pattern: "tags",
  NAME_INVALID: "repositories",
};

/** The field that a refusal is about; undefined if it is about none, or about several. */
export function fieldOf(error: unknown): Field | undefined {
  if (!(error instanceof Problem)) return undefined;
  const about = error.about as { field?: string } | null | undefined;
  if (about?.field) return FIELDS[about.field];
  const member = /^([a-z_]+(?:\.[a-z_]+)?)[^:;]*: [^;]*$/.exec(error.message)?.[1];
  if (error.code === "invalid_request" && member) return FIELDS[member];
  return OF_CODES[error.code];
}
