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

export type Terms = Schemas["QuotaTerms"];
export type QuotaRequest = Schemas["QuotaRequest"];

/** Whose quota it is: that of every project without its own, a project's, a user's or a robot's. */
export interface Subject {
  kind: "default" | Kind;
  name: string;
}

export const COUNTED = ["artifacts", "repositories", "tags"] as const;
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

export function useDefaultQuota() {
  return useQuery({
    queryKey: ["quotas", "default"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/quotas/default", { signal })),
  });
}

export function setQuota({ kind, name }: Subject, body: QuotaRequest): Promise<unknown> {
  const of = { params: { path: { name } }, body };
  if (kind === "default") return answer(api.PUT("/api/v1/quotas/default", { body }));
  if (kind === "project") return answer(api.PUT("/api/v1/projects/{name}/quota", of));
  if (kind === "user") return answer(api.PUT("/api/v1/quotas/users/{name}", of));
  return answer(api.PUT("/api/v1/quotas/robots/{name}", of));
}

export function removeQuota({ kind, name }: Subject): Promise<unknown> {
  const of = { params: { path: { name } } };
  if (kind === "default") return answer(api.DELETE("/api/v1/quotas/default"));
  if (kind === "project") return answer(api.DELETE("/api/v1/projects/{name}/quota", of));
  if (kind === "user") return answer(api.DELETE("/api/v1/quotas/users/{name}", of));
  return answer(api.DELETE("/api/v1/quotas/robots/{name}", of));
}

export function useLastCheck() {
  return useQuery({
    queryKey: ["quotas", "check"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/quotas/check", { signal })),
  });
}
