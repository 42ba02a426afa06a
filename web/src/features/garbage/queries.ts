// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";
import { askedAgain } from "@/live";

type Schemas = components["schemas"];
export type Garbage = Schemas["GarbageView"];
export type Run = Schemas["RunView"];
export type Started = Schemas["StartedView"];
export type Rehearsal = Schemas["RehearsalView"];
export type ProjectStorage = Schemas["ProjectStorageView"];
export type Amounts = Run["dead"];

export const KEY = "garbage";

/** How collection is; asked for often while a run goes on, or is about to. */
export function useGarbage(isBegun: boolean) {
  return useQuery({
    queryKey: [KEY, "state"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/garbage", { signal })),
    refetchInterval: ({ state: { data } }) => askedAgain(isBegun || data?.last_run?.state === "running"),
  });
}

export function useRuns() {
  return useInfiniteQuery({
    ...pages([KEY, "runs"], (cursor, signal) =>
      api.GET("/api/v1/garbage/runs", { params: { query: { cursor } }, signal }),
    ),
    refetchInterval: ({ state: { data } }) => askedAgain(data?.pages[0]?.items[0]?.state === "running"),
  });
}

export function useStorage() {
  return useInfiniteQuery(
    pages([KEY, "storage"], (cursor, signal) =>
      api.GET("/api/v1/garbage/storage", { params: { query: { cursor } }, signal }),
    ),
  );
}

/** What a run would do now. Found out anew whenever it is asked for. */
export function useRehearsal() {
  return useQuery({
    queryKey: [KEY, "rehearsal"],
    queryFn: () =>
      answer(api.POST("/api/v1/garbage/runs", { body: { task: "garbage.collect", dry_run: true } })),
    gcTime: 0,
    staleTime: 0,
  });
}

export function startRun(): Promise<Started> {
  return answer(api.POST("/api/v1/garbage/runs", { body: { task: "garbage.collect", dry_run: false } }));
}

export function pause(): Promise<Garbage> {
  return answer(api.POST("/api/v1/garbage:pause"));
}

export function resume(): Promise<Garbage> {
  return answer(api.POST("/api/v1/garbage:resume"));
}

/** How many objects and bytes all reasons come to. */
export function total(amounts: Amounts): { objects: number; bytes: number } {
  const sum = { objects: 0, bytes: 0 };
  for (const amount of Object.values(amounts)) {
    sum.objects += amount?.objects ?? 0;
    sum.bytes += amount?.bytes ?? 0;
  }
  return sum;
}
