// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Eligibility = components["schemas"]["EligibilityView"];
export type Opening = components["schemas"]["OpeningView"];

const PAGE = 100;

const ASKED_AGAIN_MS = 15_000;

/** What the viewer may open, and has open; asked for again while something is, because it ends by itself. */
export function useOwnGlass() {
  return useQuery({
    queryKey: ["break-glass", "own"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/break-glass", { signal })),
    refetchInterval: ({ state }) => (state.data?.opening ? ASKED_AGAIN_MS : false),
  });
}

export function useOpenings() {
  return useInfiniteQuery(
    pages(["break-glass", "openings"], (cursor, signal) =>
      api.GET("/api/v1/break-glass/openings", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
  );
}

export function useEligibilities() {
  return useInfiniteQuery(
    pages(["break-glass", "eligibilities"], (cursor, signal) =>
      api.GET("/api/v1/break-glass/eligibilities", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
  );
}

export function endOpening(id: string): Promise<Opening> {
  return answer(api.POST("/api/v1/break-glass/openings/{id}:end", { params: { path: { id } } }));
}

/** What to call when rights were taken or given back: everything may look different then. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries();
}
