// SPDX-License-Identifier: Apache-2.0
import { words } from "@/words";

/** The name of a role, what it allows on hovering. One that this console does not know stays as it is. */
export function RoleName({ role }: { role: string }) {
  const known = words.grants.roles[role as keyof typeof words.grants.roles];
  return <span title={known?.description}>{known?.label ?? role}</span>;
}
