// SPDX-License-Identifier: Apache-2.0
/** The lists of the API, which come page by page. */

import { type InfiniteData, infiniteQueryOptions, type QueryKey } from "@tanstack/react-query";
import type { Answer } from "./client";
import { problemOf } from "./problem";

/** A page of a list, and the cursor of the next one. */
export interface PageOf<Item> {
  items: Item[];
  next: string | undefined;
}

/** Return one page of a list. Throws `Problem`. */
export async function page<Item>(asked: Promise<Answer<{ items: Item[] }>>): Promise<PageOf<Item>> {
  const { data, error, response } = await asked;
  if (!response.ok || data === undefined) throw problemOf(response, error);
  const link = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get("link") ?? "");
  const next = link?.[1]
    ? (new URL(link[1], location.href).searchParams.get("cursor") ?? undefined)
    : undefined;
  return { items: data.items, next };
}

/** How a list is had page by page: `ask` gets the cursor of a page, which is empty for the first one. */
export function pages<Item>(
  queryKey: QueryKey,
  ask: (cursor: string, signal: AbortSignal) => Promise<Answer<{ items: Item[] }>>,
) {
  return infiniteQueryOptions({
    queryKey,
    queryFn: ({ pageParam, signal }) => page(ask(pageParam, signal)),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
  });
}

/** Keep what has `text` in its name, among the pages that were loaded. */
export function named<Item extends { name: string }, Cursor>(
  loaded: InfiniteData<PageOf<Item>, Cursor>,
  text: string,
): InfiniteData<PageOf<Item>, Cursor> {
  const kept = (items: Item[]) => items.filter(({ name }) => name.includes(text.toLowerCase()));
  return { ...loaded, pages: loaded.pages.map((each) => ({ ...each, items: kept(each.items) })) };
}
