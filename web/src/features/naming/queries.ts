// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type Rules = Schemas["NamingView"];
export type Rule = Rules["rules"][number];

const KEY = ["naming"];

/** The rules of a project, or of the registry where that is empty. */
export function useRules(project: string) {
  return useQuery({
    queryKey: [...KEY, project],
    queryFn: ({ signal }) =>
      answer(
        project
          ? api.GET("/api/v1/projects/{name}/naming", { params: { path: { name: project } }, signal })
          : api.GET("/api/v1/naming", { signal }),
      ),
  });
}

/** Takes a rule out, unless somebody has changed the rules since they were read. */
export function useRemoveRule(project: string, { rules, revision }: Rules): (at: number) => Promise<Rules> {
  const client = useQueryClient();
  return async (at) => {
    const body = { rules: rules.toSpliced(at, 1), revision };
    const request = project
      ? api.PUT("/api/v1/projects/{name}/naming", { params: { path: { name: project } }, body })
      : api.PUT("/api/v1/naming", { body });
    try {
      return await answer(request);
    } finally {
      void client.invalidateQueries({ queryKey: KEY });
    }
  };
}
