// SPDX-License-Identifier: Apache-2.0
/** The roles that can be given. */

import { useQuery } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";
import { useIsMounted } from "@/shell/mounted";
import { words } from "@/words";

/** Those that are built in, from little to much. */
export const ROLES = ["view", "read", "write", "maintain", "admin"] as const;
export const SYSTEM_ROLES = ["auditor", "operator", "witness", "administrator"] as const;

const MOST = 1000;
const WITHOUT_TAGS: readonly string[] = ["view", "read"];

export type CustomRole = components["schemas"]["RoleItem"];

/** The roles that somebody made here; none where the server has none, or before they are known. */
export function useRoles(): readonly CustomRole[] {
  const isServed = useIsMounted("roles");
  const { data } = useQuery({
    queryKey: ["roles", "all"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/roles", { params: { query: { limit: MOST } }, signal })),
    enabled: isServed,
  });
  return data?.items.filter((role) => !role.is_built_in) ?? [];
}

/** Whether a role allows to set or delete tags, so that it can be given for some of them only. */
export function hasTags(role: string, roles: readonly CustomRole[]): boolean {
  const custom = roles.find((each) => each.name === role);
  if (custom) return custom.allowed.includes("tag") || custom.allowed.includes("delete");
  return !WITHOUT_TAGS.includes(role);
}

/** All roles in repositories, with what they mean. */
export function optionsOf(
  roles: readonly CustomRole[],
): Record<string, { label: string; description: string }> {
  const made = roles.map(({ name, description, allowed }) => [
    name,
    {
      label: name,
      description: description || allowed.map((action) => words.roles.actions[action].label).join(", "),
    },
  ]);
  return { ...words.roles.builtIn, ...Object.fromEntries(made) };
}
