// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";

export type Grant = components["schemas"]["GrantView"];
export type Member = components["schemas"]["MemberView"];
export type Role = components["schemas"]["Role"];

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

export function useGrants() {
  return useInfiniteQuery(
    pages(["grants"], (cursor, signal) =>
      api.GET("/api/v1/grants", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
  );
}

/** Names of users to choose from, for those who may list them. */
export function useUserNames(): string[] {
  const isAdministrator = useViewer()?.isAdministrator ?? false;
  const isServed = useIsMounted("users");
  const { data } = useQuery({
    queryKey: ["users", "names"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/users", { params: { query: { limit: PAGE } }, signal })),
    enabled: isAdministrator && isServed,
  });
  return data?.items.map((user) => user.name) ?? [];
}

/** Names of a project's robots to choose from; none without a project. */
export function useRobotNames(project: string): string[] {
  const isServed = useIsMounted("robots");
  const { data } = useQuery({
    queryKey: ["robots", project, "names"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/robots", { params: { query: { project, limit: PAGE } }, signal })),
    enabled: project !== "" && isServed,
  });
  return data?.items.map((robot) => robot.name) ?? [];
}

export function putMember(project: string, principal: string, role: Role): Promise<Member> {
  return answer(
    api.PUT("/api/v1/projects/{name}/members/{principal}", {
      params: { path: { name: project, principal } },
      body: { role },
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
