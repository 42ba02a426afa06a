// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Grant = components["schemas"]["GrantView"];
export type Member = components["schemas"]["MemberView"];

const PAGE = 100;

export function useMembers(project: string) {
  return useInfiniteQuery(
    pages(["members", project], (cursor, signal) =>
      api.GET("/api/v1/projects/{name}/members", {
        params: { path: { name: project }, query: { cursor, limit: PAGE } },
        signal,
      }),
    ),
  );
}

/** All grants, those of `principal` only if one is given, and those on a path and below it only if it is. */
export function useGrants(principal: string, within: string) {
  return useInfiniteQuery(
    pages(["grants", principal, within], (cursor, signal) =>
      api.GET("/api/v1/grants", {
        params: { query: { principal, within, cursor, limit: PAGE } },
        signal,
      }),
    ),
  );
}

/** Give a role on all of a project; `until` is null for ever. */
export function putMember(
  project: string,
  principal: string,
  role: string,
  until: string | null = null,
): Promise<Member> {
  return answer(
    api.PUT("/api/v1/projects/{name}/members/{principal}", {
      params: { path: { name: project, principal } },
      body: { role, expires_at: until },
    }),
  );
}

export function removeMember(project: string, principal: string): Promise<unknown> {
  return answer(
    api.DELETE("/api/v1/projects/{name}/members/{principal}", {
      params: { path: { name: project, principal } },
    }),
  );
}

/** What to call when grants have changed, of members too: each is a view of the other. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => {
    for (const noun of ["grants", "members", "access"]) void queries.invalidateQueries({ queryKey: [noun] });
  };
}
