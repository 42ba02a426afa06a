// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { api, type components, named, pages } from "@/api";

export type User = components["schemas"]["UserView"];

const PAGE = 100;

/** The users; those with `text` in their names, among the ones that were loaded. */
export function useUsers(text: string) {
  return useInfiniteQuery({
    ...pages(["users"], (cursor, signal) =>
      api.GET("/api/v1/users", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
    select: (data) => named(data, text),
  });
}

/** What to call when users have changed: what was granted to them may have too, and the viewer may be one of them. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => {
    for (const noun of ["users", "grants", "members", "session"])
      void queries.invalidateQueries({ queryKey: [noun] });
  };
}
