// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type Overview = Schemas["DashboardView"];
export type Storage = Schemas["StorageView"];
export type Health = Schemas["HealthView"];
export type Change = Schemas["RecentItem"];
export type Busy = Schemas["TopItem"];

/** Pulls and the state of the server are told by no event. */
const ASKED_AGAIN_MS = 30_000;

export function useOverview() {
  return useQuery({
    queryKey: ["dashboard"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/dashboard", { signal })),
    refetchInterval: ASKED_AGAIN_MS,
  });
}
