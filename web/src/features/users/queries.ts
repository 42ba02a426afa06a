// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, type components, type PageOf, page } from "@/api";

export type User = components["schemas"]["UserView"];

const PAGE = 100;

/** The users; those with `text` in their names, among the ones that were loaded. */
export function useUsers(text: string) {
  return useInfiniteQuery({
    queryKey: ["users"],
    queryFn: ({ pageParam, signal }) =>
      page<User>(api.GET("/api/v1/users", { params: { query: { cursor: pageParam, limit: PAGE } }, signal })),
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    select: (data) => ({
      ...data,
      pages: data.pages.map((each): PageOf<User> => ({ ...each, items: matching(each.items, text) })),
    }),
  });
}

function matching(items: User[], text: string): User[] {
  return text ? items.filter((item) => item.name.includes(text.toLowerCase())) : items;
}

/** What to call when users have changed: what was granted to them may have too, and the viewer may be one of them. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => {
    for (const noun of ["users", "grants", "members", "session"])
      void queries.invalidateQueries({ queryKey: [noun] });
  };
}
