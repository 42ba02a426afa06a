// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, named, pages } from "@/api";

export type Group = components["schemas"]["GroupView"];
export type Member = components["schemas"]["GroupMemberView"];

const PAGE = 100;

/** The groups; those with `text` in their names, among the ones that were loaded. */
export function useGroups(text: string) {
  return useInfiniteQuery({
    ...pages(["groups", "list"], (cursor, signal) =>
      api.GET("/api/v1/groups", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
    select: (data) => named(data, text),
  });
}

export function useGroup(name: string) {
  return useQuery({
    queryKey: ["groups", "one", name],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/groups/{name}", { params: { path: { name } }, signal })),
  });
}

/** The groups that a group is in directly. */
export function useGroupsAround(name: string) {
  return useQuery({
    queryKey: ["groups", "around", name],
    queryFn: ({ signal }) => {
      const query = { member: `group:${name}`, limit: PAGE };
      return answer(api.GET("/api/v1/groups", { params: { query }, signal }));
    },
  });
}

/** Who is in a group directly. */
export function useMembers(name: string) {
  return useInfiniteQuery(
    pages(["groups", "members", name], (cursor, signal) =>
      api.GET("/api/v1/groups/{name}/members", {
        params: { path: { name }, query: { cursor, limit: PAGE } },
        signal,
      }),
    ),
  );
}

export function putMember(name: string, member: string): Promise<Member> {
  const path = { name, member };
  return answer(api.PUT("/api/v1/groups/{name}/members/{member}", { params: { path } }));
}

export function removeMember(name: string, member: string): Promise<unknown> {
  const path = { name, member };
  return answer(api.DELETE("/api/v1/groups/{name}/members/{member}", { params: { path } }));
}

/** What to call when groups have changed: who may do what has, too. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => {
    for (const noun of ["groups", "grants", "members", "access"])
      void queries.invalidateQueries({ queryKey: [noun] });
  };
}
