// SPDX-License-Identifier: Apache-2.0
/** What the page about finding artifacts asks for. */

import { keepPreviousData, useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, type PageOf, page } from "@/api";

type Schemas = components["schemas"];
export type FoundArtifact = Schemas["FoundArtifactView"];
export type Total = Schemas["TotalView"];
export type SavedQuery = Schemas["SavedQueryView"];

const KEY = "search";
const PAGE = 50;
const QUALIFIED =
  /(^|\s)-?(type|platform|label|annotation|revision|digest|tag|size|pushed|pulled|project|repository|is):/i;
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}_ .-]{0,62}[\p{L}\p{N}_.-])?$/u;

interface FoundPage extends PageOf<FoundArtifact> {
  total: Total | null;
}

/** Whether somebody typed a query about what artifacts are. */
export function isQualified(typed: string): boolean {
  return QUALIFIED.test(typed);
}

/** Whether a saved query can have this name. */
export function isName(text: string): boolean {
  return NAME.test(text);
}

/** A query that asks for one thing more; for the same where it does already. */
export function narrowed(query: string, term: string): string {
  const terms = query.split(" ").filter(Boolean);
  return terms.includes(term) ? query : [...terms, term].join(" ");
}

async function found(q: string, sort: Sort, cursor: string, signal: AbortSignal): Promise<FoundPage> {
  const query = { q, sort, limit: PAGE, cursor };
  const asked = await api.GET("/api/v1/search/artifacts", { params: { query }, signal });
  return { ...(await page(Promise.resolve(asked))), total: asked.data?.total ?? null };
}

export type Sort = "-pushed" | "pushed";

export function useFound(q: string, sort: Sort) {
  return useInfiniteQuery({
    queryKey: [KEY, "artifacts", q, sort],
    queryFn: ({ pageParam, signal }) => found(q, sort, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (last: FoundPage) => last.next,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export function useSavedQueries() {
  return useQuery({
    queryKey: [KEY, "saved"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/search/saved", { signal }))).items,
  });
}

export function useSavedRefresh(): () => void {
  const client = useQueryClient();
  return () => void client.invalidateQueries({ queryKey: [KEY, "saved"] });
}

export function saveQuery(name: string, query: string, project: string): Promise<SavedQuery> {
  const body = { query, project: project || null };
  return answer(api.PUT("/api/v1/search/saved/{name}", { params: { path: { name } }, body }));
}

export function forgetQuery(name: string): Promise<unknown> {
  return answer(api.DELETE("/api/v1/search/saved/{name}", { params: { path: { name } } }));
}
