// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, type PageOf } from "@/api";
import type { Question } from "./actions";

export type Decision = components["schemas"]["Decision"];
export type Granting = components["schemas"]["GrantingView"];
export type Holder = components["schemas"]["HolderView"];

interface Holders extends PageOf<Holder> {
  isComplete: boolean;
}

export function useDecision(question: Question) {
  return useQuery({
    queryKey: ["access", question],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/access", { params: { query: { ...question } }, signal })),
    staleTime: 0,
  });
}

/** Who may do something. The API tells all it tells in one page. */
export function useHolders({ action, repository, tag }: Omit<Question, "principal">) {
  return useInfiniteQuery({
    queryKey: ["access", "who", action, repository, tag],
    queryFn: async ({ signal }): Promise<Holders> => {
      const query = { action, repository, tag };
      const told = await answer(api.GET("/api/v1/access/who", { params: { query }, signal }));
      return { items: told.items, next: undefined, isComplete: told.is_complete };
    },
    initialPageParam: "",
    getNextPageParam: (last) => last.next,
    staleTime: 0,
  });
}
