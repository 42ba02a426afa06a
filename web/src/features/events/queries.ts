// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";
import { useIsMounted } from "@/shell/mounted";

export type Change = components["schemas"]["RecentItem"];

/** The latest changes of tags: what happened before this page listened. */
export function useBefore() {
  const isServed = useIsMounted("dashboard");
  return useQuery({
    queryKey: ["dashboard", "recent", isServed],
    queryFn: async ({ signal }): Promise<Change[]> =>
      isServed ? (await answer(api.GET("/api/v1/dashboard", { signal }))).recent : [],
  });
}
