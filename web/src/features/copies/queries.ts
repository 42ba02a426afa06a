// SPDX-License-Identifier: Apache-2.0
/** Keys of what is about one repository begin with it, so that changes in it renew them. */

import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

type Schemas = components["schemas"];
export type Copy = Schemas["CopyView"];
export type NewCopy = Schemas["CopyRequest"];
export type Preview = Schemas["CopyPreview"];

/** As the server has it. */
export const LONGEST_FOLLOWED = 24 * 90;

/** How often is asked how a copy stands that is under way. */
const WATCHED_EVERY_MS = 2_000;

export function useCopiesOfRepository(name: string) {
  return useInfiniteQuery({
    ...pages(["repository", name, "copies"], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/copies", {
        params: { path: { name }, query: { cursor } },
        signal,
      }),
    ),
    refetchInterval: ({ state: { data } }) =>
      data?.pages.some(({ items }) => items.some(({ state }) => state === "running"))
        ? WATCHED_EVERY_MS
        : false,
  });
}

/** What to call when a copy from a repository has changed. */
export function useRenewal(name: string): () => Promise<void> {
  const queries = useQueryClient();
  return () => queries.invalidateQueries({ queryKey: ["repository", name] });
}

export function startCopy(name: string, body: NewCopy): Promise<Copy> {
  return answer(api.POST("/api/v1/repositories/{name}/-/copies", { params: { path: { name } }, body }));
}

export async function previewCopy(name: string, body: NewCopy): Promise<Preview[]> {
  const told = await answer(
    api.POST("/api/v1/repositories/{name}/-/copies:preview", { params: { path: { name } }, body }),
  );
  return told.items;
}

export function cancelCopy({ id: copy }: Copy): Promise<Copy> {
  return answer(api.POST("/api/v1/copies/{copy}:cancel", { params: { path: { copy } } }));
}
