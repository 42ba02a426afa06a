// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type Rules = Schemas["NamingView"];
export type Rule = Rules["rules"][number];
export type UnfitItem = Schemas["UnfitView"];
export type Explained = Schemas["NamingExplained"];

const KEY = ["naming"];
export const SHOWN_UNFIT = 20;

/** The rules of a project, or of the registry where that is empty. */
export function useRules(project: string) {
  return useQuery({
    queryKey: [...KEY, "rules", project],
    queryFn: ({ signal }) =>
      answer(
        project
          ? api.GET("/api/v1/projects/{name}/naming", { params: { path: { name: project } }, signal })
          : api.GET("/api/v1/naming", { signal }),
      ),
  });
}

/** Puts rules in the place of those that were read, unless somebody has changed them since. */
export function useSetRules(project: string, revision: number): (rules: Rule[]) => Promise<Rules> {
  const client = useQueryClient();
  return async (rules) => {
    const body = { rules, revision };
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

/** The first of what a rule, as JSON, would refuse if it were new; one more than are shown. */
export function useUnfit(project: string, rule: string) {
  const query = { limit: SHOWN_UNFIT + 1 };
  return useQuery({
    queryKey: [...KEY, "preview", project, rule],
    queryFn: ({ signal }) => {
      const body: Rule = JSON.parse(rule);
      return answer(
        project
          ? api.POST("/api/v1/projects/{name}/naming:preview", {
              params: { path: { name: project }, query },
              body,
              signal,
            })
          : api.POST("/api/v1/naming:preview", { params: { query }, body, signal }),
      );
    },
    retry: false,
  });
}

/** What rules say to the name of a repository, or of a tag in it; asked once there is one. */
export function useExplained(name: string) {
  const [repository = "", tag = ""] = name.split(":");
  return useQuery({
    queryKey: [...KEY, "explain", name],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/repositories/{name}/-/naming", {
          params: { path: { name: repository }, query: { tag } },
          signal,
        }),
      ),
    enabled: name !== "",
    retry: false,
  });
}
