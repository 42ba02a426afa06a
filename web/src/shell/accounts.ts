// SPDX-License-Identifier: Apache-2.0
/** Names of users, groups and robots to choose from, for those who may list them. */

import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api";
import { useIsMounted } from "./mounted";
import { useMay } from "./session";

const query = { limit: 100 };

export function useUserNames(): string[] {
  const mayRead = useMay("read-accounts");
  const isServed = useIsMounted("users");
  const { data } = useQuery({
    queryKey: ["users", "names"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/users", { params: { query }, signal })),
    enabled: mayRead && isServed,
  });
  return data?.items.map((user) => user.name) ?? [];
}

export function useGroupNames(): string[] {
  const mayRead = useMay("read-accounts");
  const isServed = useIsMounted("groups");
  const { data } = useQuery({
    queryKey: ["groups", "names"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/groups", { params: { query }, signal })),
    enabled: mayRead && isServed,
  });
  return data?.items.map((group) => group.name) ?? [];
}

/** Names of a project's robots; none without a project. */
export function useRobotNames(project: string): string[] {
  const isServed = useIsMounted("robots");
  const { data } = useQuery({
    queryKey: ["robots", project, "names"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/robots", { params: { query: { project, ...query } }, signal })),
    enabled: project !== "" && isServed,
  });
  return data?.items.map((robot) => robot.name) ?? [];
}
