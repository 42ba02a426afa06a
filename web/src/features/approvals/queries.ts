// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Approval = components["schemas"]["ApprovalView"];
export type Act = components["schemas"]["Act"];
export type Listed = components["schemas"]["Listed"];
export type Verdict = "approve" | "reject";

const PAGE = 100;

/** Approvals, newest first. */
export function useApprovals(list: Listed) {
  return useInfiniteQuery(
    pages(["approvals", list], (cursor, signal) =>
      api.GET("/api/v1/approvals", { params: { query: { list, cursor, limit: PAGE } }, signal }),
    ),
  );
}

/** The acts that take a second person. */
export function useRules() {
  return useQuery({
    queryKey: ["approvals", "rules"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/approvals/rules", { signal }))).items,
  });
}

/** What is done about approvals; every list may be another after that. */
export function useActs() {
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries({ queryKey: ["approvals"] });
  return {
    decide: async (id: string, verdict: Verdict, comment: string) => {
      const options = { params: { path: { id } }, body: { comment } };
      if (verdict === "approve") await answer(api.POST("/api/v1/approvals/{id}:approve", options));
      else await answer(api.POST("/api/v1/approvals/{id}:reject", options));
      refresh();
    },
    withdraw: async (id: string) => {
      await answer(api.POST("/api/v1/approvals/{id}:withdraw", { params: { path: { id } } }));
      refresh();
    },
    setRules: async (acts: Act[]) => {
      await answer(api.PUT("/api/v1/approvals/rules", { body: { acts } }));
      refresh();
    },
  };
}
