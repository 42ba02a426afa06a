// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

type Schemas = components["schemas"];
export type Quota = Schemas["QuotaView"];
export type Listed = Schemas["QuotaListItem"];
export type Limits = Schemas["QuotaLimits"];
export type Amounts = Schemas["AmountsView"];
export type Kind = Listed["kind"];
export type Order = "percent" | "used" | "name";
export type Resource = keyof Amounts;

export const RESOURCES: readonly Resource[] = ["bytes", "artifacts", "repositories", "tags"];

export function useProjectQuota(name: string) {
  return useQuery({
    queryKey: ["project", name, "quota"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/projects/{name}/quota", { params: { path: { name } }, signal })),
  });
}

export function useQuotas(kind: Kind, sort: Order) {
  return useInfiniteQuery(
    pages(["quotas", kind, sort], (cursor, signal) =>
      api.GET("/api/v1/quotas", { params: { query: { kind, sort, cursor } }, signal }),
    ),
  );
}

export function useLastCheck() {
  return useQuery({
    queryKey: ["quotas", "check"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/quotas/check", { signal })),
  });
}
