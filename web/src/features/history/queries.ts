// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Change = components["schemas"]["ChangeItem"];

export function useHistory(name: string, tag: string) {
  return useInfiniteQuery(
    pages(["repository", name, "history", tag], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/tags/{tag}/history", {
        params: { path: { name, tag }, query: { cursor } },
        signal,
      }),
    ),
  );
}

export function restore(name: string, tag: string, digest: string) {
  return answer(
    api.POST("/api/v1/repositories/{name}/-/tags/{tag}:restore", {
      params: { path: { name, tag } },
      body: { digest },
    }),
  );
}
