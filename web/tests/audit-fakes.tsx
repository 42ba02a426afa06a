// SPDX-License-Identifier: Apache-2.0
/** The page of the audit log by itself, and a server that answers it. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { configure, render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { beforeAll, beforeEach, vi } from "vitest";
import AuditPage from "@/features/audit/AuditPage";
import { parseSearch, stringifySearch } from "@/shell/search";

export const AT = "2026-11-22T13:00:00.250Z";
export function minutesAgo(minutes: number): string {
  return new Date(Date.now() - minutes * 60_000).toISOString();
}

export const GIVEN = {
  seq: 17,
  at: AT,
  type: "grant.given",
  principal: "user:alice",
  kind: "user",
  credential: "session:01",
  provider: "",
  on_behalf_of: "",
  address: "203.0.113.7",
  agent: "curl/8",
  project: "team",
  repository: "",
  tag: "",
  digest: "",
  object: "user:bob",
  outcome: "done",
  request_id: "req-1",
  times: 1,
  details: { reason: "case 12", before: { role: "read" }, after: { role: "write" } },
  is_erased: false,
  event: "01JD0000000000000000000000",
  hash: "ab".repeat(32),
};
export const ERASED = {
  ...GIVEN,
  seq: 18,
  principal: null,
  address: null,
  object: null,
  details: null,
  is_erased: true,
  outcome: "refused",
};
export const HOLD = {
  id: "01JD0000000000000000000001",
  reason: "case 12",
  begins_at: AT,
  ends_at: null,
  placed_at: AT,
  placed_by: "user:admin",
  released_at: null,
  released_by: null,
};
export const MONTH = {
  month: "2026-11",
  first_seq: 101,
  last_seq: 1_300,
  first_at: AT,
  last_at: AT,
  dropped_at: null,
};
export const OLD_MONTH = { ...MONTH, month: "2026-10", first_seq: 1, last_seq: 100, dropped_at: AT };
export const SIGNED = { seq: 1_000, signed_at: minutesAgo(10), token: "a.b.c" };
export const STANDING = {
  pulls: "aggregated",
  keep_days: 400,
  partitions: [OLD_MONTH, MONTH],
  newest_checkpoint: SIGNED,
  holds_in_force: 1,
  deliveries: [] as object[],
  origins: [] as object[],
  keys: [{ kid: "key-of-november", created_at: AT, public_jwk: { kty: "OKP" } }],
};

/** What the server answers, by method and path; and what it was asked. */
export const answers: Record<string, unknown> = {};
export const asked: { method: string; url: URL; body: unknown }[] = [];

// Parts of the page are loaded when they are opened, and axe looks at everything: both take a while.
configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

beforeAll(async () => {
  await Promise.all([
    import("@/features/audit/RecordsTab"),
    import("@/features/audit/StandingTab"),
    import("@/features/audit/HoldsTab"),
  ]);
});

beforeEach(() => {
  // What the table asks to know how many rows there is room for, and happy-dom has not.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 800, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 800, configurable: true });
  // What a field asks that grows with its text.
  const fonts = { addEventListener: () => {}, removeEventListener: () => {} };
  Object.defineProperty(document, "fonts", { value: fonts, configurable: true });
  asked.length = 0;
  Object.assign(answers, {
    "GET /audit/types": ["grant.given", "grant.taken"],
    "GET /audit/records": { items: [ERASED, GIVEN] },
    "GET /audit": STANDING,
    "GET /audit/holds": { items: [HOLD] },
    "GET /audit/filters": { items: [] },
  });
  globalThis.fetch = (async (request: Request) => {
    const url = new URL(request.url);
    const text = await request.text();
    asked.push({ method: request.method, url, body: text && JSON.parse(text) });
    const answer = answers[`${request.method} ${url.pathname.replace("/api/v1", "")}`];
    return answer instanceof Response ? answer.clone() : Response.json(answer ?? {});
  }) as typeof fetch;
});

/** Open an address as somebody who may do that to the registry as a whole. */
export function open(address: string, may: string[] = ["read-audit"]) {
  const root = createRootRoute({ component: Outlet });
  const page = createRoute({ getParentRoute: () => root, path: "/audit", component: AuditPage });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch,
    stringifySearch,
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryDefaults(["session"], { staleTime: Number.POSITIVE_INFINITY });
  queries.setQueryData(["session"], { state: "complete", user: "otto", may });
  const shown = render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return {
    ...shown,
    search: () => router.state.location.search as Record<string, string>,
    user: userEvent.setup(),
  };
}

export function refusal(status: number, code: string, detail: string): Response {
  const body = { type: "about:blank", title: code, status, code, detail, request_id: "r" };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

/** What was asked of a path the last time. */
export function lastAsked(path: string, method = "GET") {
  return asked.filter((each) => each.url.pathname === `/api/v1${path}` && each.method === method).at(-1);
}

/** What axe finds wrong. */
export async function violations(): Promise<string[]> {
  // Nothing is laid out here, so nothing can be told of colours; and the frame has the landmarks.
  const rules = { "color-contrast": { enabled: false }, region: { enabled: false } };
  const found = await axe.run(document.body, { rules });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}
