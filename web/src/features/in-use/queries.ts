// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Cluster = components["schemas"]["ClusterView"];

/** The clusters that run an artifact. */
export function usePins(name: string, digest: string) {
  return useQuery({
    queryKey: ["repository", name, "in-use", digest],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/repositories/{name}/-/artifacts/{digest}/in-use", {
          params: { path: { name, digest } },
          signal,
        }),
      ),
  });
}

export function useClusters() {
  return useInfiniteQuery(
    pages(["in-use"], (cursor, signal) =>
      api.GET("/api/v1/in-use", { params: { query: { cursor } }, signal }),
    ),
  );
}
