// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api";

/** What the server tells everybody: its address, its features, how to reach it. */
export function useGuide() {
  return useQuery({
    queryKey: ["guide"],
    queryFn: () => answer(api.GET("/api/v1/guide")),
    staleTime: Number.POSITIVE_INFINITY,
  });
}
