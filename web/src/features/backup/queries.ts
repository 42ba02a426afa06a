// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";
import { askedAgain } from "@/live";

type Schemas = components["schemas"];
export type Backup = Schemas["BackupView"];
export type Plan = Schemas["BackupPlanView"];
export type Removed = Schemas["BackupRemovedView"];

export const KEY = "backups";

/** How backups are taken; asked for often while one is taken. */
export function usePlan() {
  return useQuery({
    queryKey: [KEY, "plan"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/backups:plan", { signal })),
    refetchInterval: ({ state: { data } }) => askedAgain(!!data?.job),
  });
}

export function useBackups(isRunning: boolean) {
  return useInfiniteQuery({
    ...pages([KEY, "list"], (cursor, signal) =>
      api.GET("/api/v1/backups", { params: { query: { cursor } }, signal }),
    ),
    refetchInterval: askedAgain(isRunning),
  });
}

/** One of them as it is now, with what it holds back. */
export function useBackup(name: string) {
  return useQuery({
    queryKey: [KEY, "one", name],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/backups/{name}", { params: { path: { name } }, signal })),
    staleTime: 0,
  });
}

export function takeBackup(keepDays: number, withBlobs: boolean) {
  return answer(api.POST("/api/v1/backups", { body: { keep_days: keepDays, with_blobs: withBlobs } }));
}

export function removeBackup(name: string): Promise<Removed> {
  return answer(api.DELETE("/api/v1/backups/{name}", { params: { path: { name } } }));
}
