// SPDX-License-Identifier: Apache-2.0
/** Keys of what is about one repository begin with it, so that changes in it renew them. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

type Schemas = components["schemas"];
export type Hold = Schemas["PlacedHoldView"];
export type Kind = Schemas["HoldKind"];
export type NewHold = Schemas["HoldRequest"];

/** As the server has it. */
export const LONGEST_REASON = 200;

/** The holds that keep an artifact, and which kinds the viewer may place. */
export function useKeeping(name: string, digest: string) {
  return useQuery({
    queryKey: ["repository", name, "holds", digest],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/repositories/{name}/-/artifacts/{digest}/holds", {
          params: { path: { name, digest } },
          signal,
        }),
      ),
  });
}

export function useHoldsOfRepository(name: string) {
  return useInfiniteQuery(
    pages(["repository", name, "holds"], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/holds", {
        params: { path: { name }, query: { cursor } },
        signal,
      }),
    ),
  );
}

export function useHoldsOfProject(name: string) {
  return useInfiniteQuery(
    pages(["holds", name], (cursor, signal) =>
      api.GET("/api/v1/projects/{name}/holds", { params: { path: { name }, query: { cursor } }, signal }),
    ),
  );
}

export function useHolds() {
  return useInfiniteQuery(
    pages(["holds"], (cursor, signal) => api.GET("/api/v1/holds", { params: { query: { cursor } }, signal })),
  );
}

/** What to call when a hold of a repository has changed. */
export function useRenewal(name: string): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ["repository", name] }),
      queries.invalidateQueries({ queryKey: ["holds"] }),
    ]);
  };
}

export function placeHold(name: string, body: NewHold): Promise<Hold> {
  return answer(api.POST("/api/v1/repositories/{name}/-/holds", { params: { path: { name } }, body }));
}

export function extendHold({ repository: name, id: hold }: Hold, expires_at: string | null): Promise<Hold> {
  return answer(
    api.POST("/api/v1/repositories/{name}/-/holds/{hold}:extend", {
      params: { path: { name, hold } },
      body: { expires_at },
    }),
  );
}

export function releaseHold({ repository: name, id: hold }: Hold, reason: string): Promise<Hold> {
  return answer(
    api.POST("/api/v1/repositories/{name}/-/holds/{hold}:release", {
      params: { path: { name, hold } },
      body: { reason },
    }),
  );
}
