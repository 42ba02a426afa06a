// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

type Schemas = components["schemas"];
export type Facts = Schemas["SystemView"];
export type Node = Schemas["NodeItem"];
export type Key = Schemas["KeyItem"];

/** Processes tell every ten seconds that they are there. */
const ASKED_AGAIN_MS = 10_000;

export function useFacts() {
  return useQuery({
    queryKey: ["system", "facts"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/system", { signal })),
  });
}

export function useNodes() {
  return useInfiniteQuery({
    ...pages(["system", "nodes"], (cursor, signal) =>
      api.GET("/api/v1/system/nodes", { params: { query: { cursor } }, signal }),
    ),
    refetchInterval: ASKED_AGAIN_MS,
  });
}

/** All keys are answered at once: there are few. */
export function useKeys() {
  return useInfiniteQuery(
    pages(["system", "keys"], (_cursor, signal) => api.GET("/api/v1/system/keys", { signal })),
  );
}

export function rotateKey(): Promise<Schemas["KeyList"]> {
  return answer(api.POST("/api/v1/system/keys:rotate"));
}
