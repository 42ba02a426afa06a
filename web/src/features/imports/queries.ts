// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Import = components["schemas"]["ImportView"];

const KEY = "imports";
const LOOK_EVERY_MS = 5_000;

/** The imports of everybody, the newest first; asked for again, since they go on by themselves. */
export function useImports() {
  return useInfiniteQuery({
    ...pages([KEY], (cursor, signal) =>
      api.GET("/api/v1/imports", { params: { query: { cursor, everybody: true } }, signal }),
    ),
    refetchInterval: LOOK_EVERY_MS,
  });
}

/** What to call when an import has changed. */
export function useRenewal(): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: [KEY] });
}

export type Act = "pause" | "cancel" | "resume" | "run" | "check";

export function change(act: Act, { id: import_id }: Import): Promise<Import> {
  const path = { import_id };
  if (act === "pause") return answer(api.POST("/api/v1/imports/{import_id}:pause", { params: { path } }));
  if (act === "cancel") return answer(api.POST("/api/v1/imports/{import_id}:cancel", { params: { path } }));
  const asked = { params: { path }, body: {} };
  if (act === "resume") return answer(api.POST("/api/v1/imports/{import_id}:resume", asked));
  if (act === "run") return answer(api.POST("/api/v1/imports/{import_id}:run", asked));
  return answer(api.POST("/api/v1/imports/{import_id}:check", asked));
}
