// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

type Schemas = components["schemas"];
export type Import = Schemas["ImportView"];
export type NewImport = Schemas["ImportRequest"];

const KEY = "imports";
const LOOK_EVERY_MS = 5_000;
const WATCHED_EVERY_MS = 1_000;
export const TOLD_FAILURES = 10;

/** The imports of everybody, the newest first; asked for again, since they go on by themselves. */
export function useImports() {
  return useInfiniteQuery({
    ...pages([KEY], (cursor, signal) =>
      api.GET("/api/v1/imports", { params: { query: { cursor, everybody: true } }, signal }),
    ),
    refetchInterval: LOOK_EVERY_MS,
  });
}

export function startImport(body: NewImport): Promise<Import> {
  return answer(api.POST("/api/v1/imports", { body }));
}

/** One import, asked for again until it does not run any more. */
export function useImport(import_id: string) {
  return useQuery({
    queryKey: [KEY, import_id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/imports/{import_id}", { params: { path: { import_id } }, signal })),
    refetchInterval: ({ state }) => (state.data?.state === "running" ? WATCHED_EVERY_MS : false),
  });
}

/** Why the first repositories and tags of an import that has ended cannot be read. */
export function useFailures({ id: import_id, state, counts, repositories_failed }: Import) {
  return useQuery({
    queryKey: [KEY, import_id, "failures"],
    enabled: state !== "running" && counts.failed + repositories_failed > 0,
    queryFn: async ({ signal }) => {
      const path = { import_id };
      const limit = TOLD_FAILURES;
      const [repositories, artifacts] = await Promise.all([
        answer(
          api.GET("/api/v1/imports/{import_id}/repositories", {
            params: { path, query: { limit, state: "failed" } },
            signal,
          }),
        ),
        answer(
          api.GET("/api/v1/imports/{import_id}/artifacts", {
            params: { path, query: { limit, state: "failed" } },
            signal,
          }),
        ),
      ]);
      return [
        ...repositories.items.map(({ name, reason }) => `${name}: ${reason}`),
        ...artifacts.items.map(({ repository, name, reason }) => `${repository}:${name}: ${reason}`),
      ];
    },
  });
}

/** What to call when an import has changed. */
export function useRenewal(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: [KEY] });
}

export type Act = "pause" | "cancel" | "resume" | "run" | "check";

export function change(act: Act, { id: import_id }: Pick<Import, "id">): Promise<Import> {
  const path = { import_id };
  if (act === "pause") return answer(api.POST("/api/v1/imports/{import_id}:pause", { params: { path } }));
  if (act === "cancel") return answer(api.POST("/api/v1/imports/{import_id}:cancel", { params: { path } }));
  const asked = { params: { path }, body: {} };
  if (act === "resume") return answer(api.POST("/api/v1/imports/{import_id}:resume", asked));
  if (act === "run") return answer(api.POST("/api/v1/imports/{import_id}:run", asked));
  return answer(api.POST("/api/v1/imports/{import_id}:check", asked));
}
