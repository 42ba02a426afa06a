// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

type Schemas = components["schemas"];
export type Job = Schemas["JobItem"];
export type JobState = Schemas["JobState"];
export type Schedule = Schemas["ScheduleItem"];

/** No event tells of jobs. */
const ASKED_AGAIN_MS = 5_000;
const WATCHED_EVERY_MS = 2_000;
const ASKED_AGAIN_PAGES = 2;

export function isMoving({ state }: Job): boolean {
  return state === "queued" || state === "running";
}

export function useJobs(state: JobState | undefined, kind: string) {
  return useInfiniteQuery({
    ...pages(["jobs", state, kind], (cursor, signal) =>
      api.GET("/api/v1/jobs", { params: { query: { state, kind, cursor } }, signal }),
    ),
    // Whoever has scrolled far down would be asking for many pages.
    refetchInterval: ({ state: { data } }) =>
      (data?.pages.length ?? 0) <= ASKED_AGAIN_PAGES ? ASKED_AGAIN_MS : false,
  });
}

export function useJob(id: string) {
  return useQuery({
    queryKey: ["job", id],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/jobs/{job_id}", { params: { path: { job_id: id } }, signal })),
    refetchInterval: ({ state: { data } }) => (data && isMoving(data) ? WATCHED_EVERY_MS : false),
  });
}

export function useSchedules() {
  return useInfiniteQuery(
    pages(["schedules"], (cursor, signal) =>
      api.GET("/api/v1/jobs/schedules", { params: { query: { cursor } }, signal }),
    ),
  );
}

export function cancelJob(id: string): Promise<Job> {
  return answer(api.POST("/api/v1/jobs/{job_id}:cancel", { params: { path: { job_id: id } } }));
}

export function retryJob(id: string): Promise<Job> {
  return answer(api.POST("/api/v1/jobs/{job_id}:retry", { params: { path: { job_id: id } } }));
}
