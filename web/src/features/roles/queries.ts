// SPDX-License-Identifier: Apache-2.0
import { type InfiniteData, useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, type components, type PageOf, pages } from "@/api";

export type Role = components["schemas"]["RoleItem"];

const PAGE = 100;

/** The roles in repositories: those that are built in, from little to much, and then the others by name. */
export function useRoles() {
  return useListed(isInRepositories);
}

/** The roles on the registry as a whole. */
export function useSystemRoles(): Role[] {
  return useListed(isSystem).data?.pages.flatMap((page) => page.items) ?? [];
}

function useListed(isWanted: (role: Role) => boolean) {
  return useInfiniteQuery({
    ...pages(["roles", "list"], (cursor, signal) =>
      api.GET("/api/v1/roles", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
    select: (data: InfiniteData<PageOf<Role>>) => ({
      ...data,
      pages: data.pages.map((page) => ({ ...page, items: page.items.filter(isWanted) })),
    }),
  });
}

function isSystem(role: Role): boolean {
  return role.is_system;
}

function isInRepositories(role: Role): boolean {
  return !role.is_system;
}

/** What to call when roles have changed: who may do what has, too. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => {
    for (const noun of ["roles", "access"]) void queries.invalidateQueries({ queryKey: [noun] });
  };
}
