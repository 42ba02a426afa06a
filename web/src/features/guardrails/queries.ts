// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Guardrail = components["schemas"]["GuardrailView"];
export type Mode = Guardrail["mode"];

const PAGE = 100;

/** Every guardrail, by name. */
export function useGuardrails() {
  return useInfiniteQuery(
    pages(["guardrails"], (cursor, signal) =>
      api.GET("/api/v1/guardrails", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
  );
}

/** Lets a guardrail refuse, or only simulate. What may be seen may be another after that. */
export function useSetMode(name: string): (mode: Mode) => Promise<void> {
  const client = useQueryClient();
  return async (mode) => {
    await answer(api.PATCH("/api/v1/guardrails/{name}", { params: { path: { name } }, body: { mode } }));
    void client.invalidateQueries();
  };
}

/** Those that are about something in a project, by name. */
export function useProjectGuardrails(name: string) {
  return useInfiniteQuery(
    pages(["guardrails", "project", name], (_cursor, signal) =>
      api.GET("/api/v1/projects/{name}/guardrails", { params: { path: { name } }, signal }),
    ),
  );
}
