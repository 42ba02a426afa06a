// SPDX-License-Identifier: Apache-2.0
/** What grants say: which role, on what, for which tags. */

import { Code } from "@mantine/core";
import { words } from "@/words";

/** What roles in running the registry are given on. */
export const SYSTEM = "SYSTEM";

const KNOWN: Record<string, { label: string; description: string } | undefined> = {
  ...words.roles.builtIn,
  ...words.roles.system,
};

/** The name of a role, what it allows on hovering. One that is not built in is called what its maker called it. */
export function RoleName({ role }: { role: string }) {
  const known = KNOWN[role];
  return <span title={known?.description}>{known?.label ?? role}</span>;
}

/** What a grant is about; `meaning` is said on hovering. */
export function On({ pattern, meaning }: { pattern: string; meaning?: string }) {
  return pattern === SYSTEM ? words.roles.registry : <Code title={meaning}>{pattern}</Code>;
}

/** For which tags a grant allows to set and delete them; empty for all. */
export function Tags({ pattern }: { pattern: string }) {
  return pattern ? <Code style={{ whiteSpace: "nowrap" }}>{pattern}</Code> : words.roles.allTags;
}
