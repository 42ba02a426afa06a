// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api";
import { useIsMounted } from "./mounted";

const ASKED_AGAIN_MS = 15_000;

/** The mode of the registry, where the server has modes. */
export function useMode() {
  return useQuery({
    queryKey: ["modes", ""],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/modes", { signal })),
    refetchInterval: ASKED_AGAIN_MS,
    enabled: useIsMounted("modes"),
  });
}
