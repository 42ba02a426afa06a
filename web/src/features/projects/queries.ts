// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, named, pages } from "@/api";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";

export type Project = components["schemas"]["ProjectView"];
export type Repository = components["schemas"]["RepositoryItem"];
export type Visibility = components["schemas"]["Visibility"];
export type Redirects = components["schemas"]["Redirects"];

const PAGE = 100;
const GOVERNING = ["admin", "manage-members", "manage-policy"] as const;

/** The projects that the viewer may see; those with `text` in their names, among the ones that were loaded. */
export function useProjects(text: string) {
  return useInfiniteQuery({
    ...pages(["projects"], (cursor, signal) =>
      api.GET("/api/v1/projects", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
    select: (data) => named(data, text),
  });
}

export function useProject(name: string) {
  return useQuery({
    queryKey: ["project", name],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/projects/{name}", { params: { path: { name } }, signal })),
  });
}

/**
 * What was granted to the viewer in all of a project, of the actions that are about one; undefined until that is known.
 * Where a guardrail refuses it, the pages are there all the same: they say so.
 */
export function useMay(name: string): readonly string[] | undefined {
  const isAdministrator = useViewer()?.isAdministrator ?? false;
  const isExplained = useIsMounted("access");
  const { data, isError } = useQuery({
    queryKey: ["access", "project", name],
    queryFn: async ({ signal }) => {
      const asked = GOVERNING.map((action) =>
        answer(api.GET("/api/v1/access", { params: { query: { action, repository: name } }, signal })),
      );
      return (await Promise.all(asked))
        .filter((told) => told.allowed || told.grants.length > 0)
        .map((told) => told.action);
    },
    enabled: isExplained && !isAdministrator,
  });
  if (isAdministrator) return GOVERNING;
  return isExplained && !isError ? data : [];
}

/** The repositories of a project with `text` in their names. */
export function useRepositories(project: string, text: string) {
  return useInfiniteQuery(
    pages(["project", project, "repositories", text], (cursor, signal) =>
      api.GET("/api/v1/repositories", {
        params: { query: { project, filter: text, cursor, limit: PAGE } },
        signal,
      }),
    ),
  );
}

/** What to call when projects have changed. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => {
    void queries.invalidateQueries({ queryKey: ["projects"] });
    void queries.invalidateQueries({ queryKey: ["project"] });
  };
}
