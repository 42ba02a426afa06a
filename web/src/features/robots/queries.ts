// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";
import { useIsMounted } from "@/shell/mounted";

export type Robot = components["schemas"]["RobotItem"];
export type RobotSecret = components["schemas"]["SecretView"];
export type NewSecret = components["schemas"]["NewSecretView"];
export type Role = components["schemas"]["Role"];

/** Stands in the place of a project where a robot belongs to the registry. */
export const REGISTRY = "_";

const PAGE = 100;
const MOST_PROJECTS = 1000;

/** The robots of a project, or of the registry; none without one. */
export function useRobots(project: string) {
  return useInfiniteQuery({
    ...pages(["robots", project], (cursor, signal) =>
      api.GET("/api/v1/robots", { params: { query: { project, cursor, limit: PAGE } }, signal }),
    ),
    enabled: project !== "",
  });
}

export function useRobot(robot: string) {
  return useQuery({
    queryKey: ["robot", robot],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/robots/{robot}", { params: { path: { robot } }, signal })),
  });
}

/** The secrets of a robot, those that have ended for a while too. */
export function useRobotSecrets(robot: string) {
  return useInfiniteQuery(
    pages(["robot", robot, "secrets"], (cursor, signal) =>
      api.GET("/api/v1/robots/{robot}/secrets", {
        params: { path: { robot }, query: { cursor, limit: PAGE } },
        signal,
      }),
    ),
  );
}

/** Names of the projects to choose from. */
export function useProjectNames() {
  const isServed = useIsMounted("projects");
  return useQuery({
    queryKey: ["projects", "names"],
    queryFn: async ({ signal }) => {
      const query = { limit: MOST_PROJECTS };
      const { items } = await answer(api.GET("/api/v1/projects", { params: { query }, signal }));
      return items.map((project) => project.name);
    },
    enabled: isServed,
  });
}

/** What to call when robots have changed; they are members of their project too. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => {
    for (const noun of ["robots", "robot", "members", "grants"])
      void queries.invalidateQueries({ queryKey: [noun] });
  };
}
