// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type Usage = Schemas["UsageView"];
export type Traffic = Schemas["TrafficView"];
export type Growth = Schemas["GrowthView"];
export type By = Usage["by"];

/** A project or a repository. */
export interface Place {
  project?: string;
  repository?: string;
}

export const DAYS = 30;
const DAY_MS = 86_400_000;
const NAMES = 10;

/** Keys begin with what it is about, so that a push into a repository renews what is shown of that. */
function keyOf({ project, repository }: Place): unknown[] {
  return repository ? ["repository", repository, "usage"] : ["project", project, "usage"];
}

export function useUsage(place: Place, by: By, isAsked = true) {
  return useQuery({
    queryKey: [...keyOf(place), by],
    queryFn: ({ signal }) => {
      const since = by === "hour" ? new Date(Date.now() - DAY_MS).toISOString() : undefined;
      return answer(
        api.GET("/api/v1/usage", { params: { query: { ...place, by, since, limit: NAMES } }, signal }),
      );
    },
    enabled: isAsked,
    retry: false,
  });
}

export function useTraffic(place: Place) {
  return useQuery({
    queryKey: [...keyOf(place), "traffic"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/usage/traffic", { params: { query: { ...place, days: DAYS } }, signal })),
  });
}

export function useGrowth(project: string) {
  return useQuery({
    queryKey: [...keyOf({ project }), "storage"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/usage/storage", { params: { query: { project, days: DAYS } }, signal })),
  });
}
