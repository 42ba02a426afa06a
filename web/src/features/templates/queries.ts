// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Template = components["schemas"]["TemplateView"];
export type Wanted = components["schemas"]["WantedTemplate"];
export type Start = components["schemas"]["StartView"];

const KEY = ["templates"];
const PAGE = 100;

/** The templates of the registry, by name. */
export function useTemplates() {
  return useInfiniteQuery(
    pages([...KEY, "list"], (cursor, signal) =>
      api.GET("/api/v1/templates", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
  );
}

/** What a project and a repository of a name would start with; asked for once there is a name. */
export function useMatch(name: string) {
  return useQuery({
    queryKey: [...KEY, "match", name],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/templates:match", { params: { query: { name } }, signal })),
    enabled: name !== "",
    retry: false,
  });
}

/** Lets templates be asked for anew. */
export function useRefresh(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: KEY });
}

export function putTemplate(template: string, body: Wanted) {
  return answer(api.PUT("/api/v1/templates/{template}", { params: { path: { template } }, body }));
}

export function deleteTemplate(template: string) {
  return answer(api.DELETE("/api/v1/templates/{template}", { params: { path: { template } } }));
}
