// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

export type Job = components["schemas"]["JobItem"];

/** No event tells of jobs. */
const ASKED_AGAIN_MS = 10_000;
const WATCHED_EVERY_MS = 1_000;

/** How often to ask for what jobs change: often while one does. */
export function askedAgain(isRunning: boolean): number {
  return isRunning ? WATCHED_EVERY_MS : ASKED_AGAIN_MS;
}

/** A job that somebody began here, until it has ended; none when `id` is empty. */
export function useJob(key: string, id: string) {
  return useQuery({
    queryKey: [key, "job", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } }, signal })),
    enabled: id !== "",
    refetchInterval: ({ state: { data } }) => (data && !isGoingOn(data) ? false : WATCHED_EVERY_MS),
  });
}

export function isGoingOn({ state }: Job): boolean {
  return state === "queued" || state === "running";
}
