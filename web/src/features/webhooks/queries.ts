// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

type Schemas = components["schemas"];
export type Item = Schemas["WebhookItem"];
export type Webhook = Schemas["WebhookView"];
export type NewWebhook = Schemas["NewWebhookView"];
export type Terms = Schemas["WebhookChangeRequest"];
export type Format = Item["format"];
export type Listed = Schemas["WebhookDeliveryItem"];
export type Delivery = Schemas["WebhookDeliveryView"];
export type State = Listed["state"];

export const FORMATS: readonly Format[] = [
  "cloudevents",
  "harbor",
  "distribution",
  "slack",
  "teams",
  "template",
];
export const STATES: readonly State[] = ["waiting", "due", "delivered", "failed", "dropped"];

const KEY = "webhooks";
/** So often the log of what is on its way is asked for again. */
const AGAIN_MS = 5_000;

export function useWebhooks(project: string) {
  return useInfiniteQuery(
    pages([KEY, "list", project], (cursor, signal) =>
      api.GET("/api/v1/webhooks", { params: { query: { project, cursor } }, signal }),
    ),
  );
}

export function useWebhook(webhook: string) {
  return useQuery({
    queryKey: [KEY, "one", webhook],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/webhooks/{webhook}", { params: { path: { webhook } }, signal })),
  });
}

export function useDeliveries(webhook: string, state: State | undefined) {
  return useInfiniteQuery({
    ...pages([KEY, "log", webhook, state ?? ""], (cursor, signal) =>
      api.GET("/api/v1/webhooks/{webhook}/deliveries", {
        params: { path: { webhook }, query: { state, cursor } },
        signal,
      }),
    ),
    refetchInterval: AGAIN_MS,
  });
}

export function useDelivery(webhook: string, delivery: string) {
  return useQuery({
    queryKey: [KEY, "delivery", webhook, delivery],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/webhooks/{webhook}/deliveries/{delivery}", {
          params: { path: { webhook, delivery } },
          signal,
        }),
      ),
  });
}

export function useRefresh() {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [KEY] });
}

export function create(project: string, terms: Terms): Promise<NewWebhook> {
  const { revision: _revision, ...body } = terms;
  return answer(api.POST("/api/v1/webhooks", { body: { ...body, project: project || null } }));
}

export function change(webhook: string, body: Terms): Promise<Webhook> {
  return answer(api.PUT("/api/v1/webhooks/{webhook}", { params: { path: { webhook } }, body }));
}

export function remove(webhook: string): Promise<unknown> {
  return answer(api.DELETE("/api/v1/webhooks/{webhook}", { params: { path: { webhook } } }));
}

export function test(webhook: string): Promise<Delivery> {
  return answer(api.POST("/api/v1/webhooks/{webhook}:test", { params: { path: { webhook } } }));
}

export function pause(webhook: string): Promise<Webhook> {
  return answer(api.POST("/api/v1/webhooks/{webhook}:pause", { params: { path: { webhook } }, body: null }));
}

export function resume(webhook: string): Promise<Webhook> {
  return answer(api.POST("/api/v1/webhooks/{webhook}:resume", { params: { path: { webhook } } }));
}

export function rotate(webhook: string, overlap_minutes: number): Promise<NewWebhook> {
  return answer(
    api.POST("/api/v1/webhooks/{webhook}:rotate", {
      params: { path: { webhook } },
      body: { overlap_minutes },
    }),
  );
}

export function redeliver(webhook: string, delivery: string): Promise<Delivery> {
  return answer(
    api.POST("/api/v1/webhooks/{webhook}/deliveries/{delivery}:redeliver", {
      params: { path: { webhook, delivery } },
    }),
  );
}

export function redeliverFailed(webhook: string, since: string): Promise<unknown> {
  return answer(
    api.POST("/api/v1/webhooks/{webhook}/deliveries:redeliver", {
      params: { path: { webhook } },
      body: { since },
    }),
  );
}
