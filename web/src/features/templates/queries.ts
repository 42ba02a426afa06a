// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Template = components["schemas"]["TemplateView"];
export type Wanted = components["schemas"]["WantedTemplate"];
export type Start = components["schemas"]["StartView"];

const KEY = ["templates"];
/** As many as the registry has at most, so that all are known at once. */
const PAGE = 200;

/** The templates of a project by name, or of the registry where that is empty. */
export function useTemplates(project: string) {
  return useInfiniteQuery(
    pages([...KEY, "list", project], (cursor, signal) => {
      const query = { cursor, limit: PAGE };
      const path = { name: project };
      return project
        ? api.GET("/api/v1/projects/{name}/templates", { params: { path, query }, signal })
        : api.GET("/api/v1/templates", { params: { query }, signal });
    }),
  );
}

/** Whether there is a template of a name already: setting it would put another one in its place. */
export function useIsTaken(project: string, template: string): boolean {
  const { data } = useTemplates(project);
  return data?.pages.some(({ items }) => items.some(({ name }) => name === template)) ?? false;
}

/** What a repository of a name would start with, and its project unless one is given; asked for once there is a name. */
export function useMatch(project: string, name: string) {
  const query = { name };
  return useQuery({
    queryKey: [...KEY, "match", project, name],
    queryFn: ({ signal }) =>
      answer(
        project
          ? api.GET("/api/v1/projects/{name}/templates:match", {
              params: { path: { name: project }, query },
              signal,
            })
          : api.GET("/api/v1/templates:match", { params: { query }, signal }),
      ),
    enabled: name !== "" && !name.endsWith("/"),
    retry: false,
  });
}

/** Lets templates be asked for anew. */
export function useRefresh(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: KEY });
}

export function putTemplate(project: string, template: string, body: Wanted): Promise<Template> {
  return answer(
    project
      ? api.PUT("/api/v1/projects/{name}/templates/{template}", {
          params: { path: { name: project, template } },
          body,
        })
      : api.PUT("/api/v1/templates/{template}", { params: { path: { template } }, body }),
  );
}

export function deleteTemplate({ project, name: template }: Template): Promise<unknown> {
  return answer(
    project
      ? api.DELETE("/api/v1/projects/{name}/templates/{template}", {
          params: { path: { name: project, template } },
        })
      : api.DELETE("/api/v1/templates/{template}", { params: { path: { template } } }),
  );
}
