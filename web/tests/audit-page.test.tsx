// SPDX-License-Identifier: Apache-2.0
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
import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import axe from "axe-core";
import { beforeEach, describe, expect, test } from "vitest";
import AuditPage from "@/features/audit/AuditPage";
import { parseSearch, stringifySearch } from "@/shell/search";

const AT = "2026-11-22T13:00:00.250Z";
const MINUTES_AGO = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();

const GIVEN = {
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
const ERASED = {
  ...GIVEN,
  seq: 18,
  principal: null,
  address: null,
  object: null,
  details: null,
  is_erased: true,
  outcome: "refused",
};
const HOLD = {
  id: "01JD0000000000000000000001",
  reason: "case 12",
  begins_at: AT,
  ends_at: null,
  placed_at: AT,
  placed_by: "user:admin",
  released_at: null,
  released_by: null,
};
const MONTH = {
  month: "2026-11",
  first_seq: 101,
  last_seq: 1_300,
  first_at: AT,
  last_at: AT,
  dropped_at: null,
};
const OLD_MONTH = { ...MONTH, month: "2026-10", first_seq: 1, last_seq: 100, dropped_at: AT };
const SIGNED = { seq: 1_000, signed_at: MINUTES_AGO(10), token: "a.b.c" };
const STANDING = {
  pulls: "aggregated",
  keep_days: 400,
  partitions: [OLD_MONTH, MONTH],
  newest_checkpoint: SIGNED,
  holds_in_force: 1,
  keys: [{ kid: "key-of-november", created_at: AT, public_jwk: { kty: "OKP" } }],
};

/** What the server answers, by method and path; and what it was asked. */
let answers: Record<string, unknown>;
let asked: { method: string; url: URL; body: unknown }[];

beforeEach(() => {
  // What the table asks to know how many rows there is room for, and happy-dom has not.
  Object.defineProperty(HTMLElement.prototype, "offsetHeight", { value: 800, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "offsetWidth", { value: 800, configurable: true });
  asked = [];
  answers = {
    "GET /audit/types": ["grant.given", "grant.taken"],
    "GET /audit/records": { items: [ERASED, GIVEN] },
    "GET /audit": STANDING,
    "GET /audit/holds": { items: [HOLD] },
    "GET /audit/filters": { items: [] },
  };
  globalThis.fetch = (async (request: Request) => {
    const url = new URL(request.url);
    const text = await request.text();
    asked.push({ method: request.method, url, body: text && JSON.parse(text) });
    const answer = answers[`${request.method} ${url.pathname.replace("/api/v1", "")}`];
    return answer instanceof Response ? answer.clone() : Response.json(answer ?? {});
  }) as typeof fetch;
});

function open(address: string, may: string[] = ["read-audit"]) {
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
  return { ...shown, search: () => router.state.location.search as Record<string, string>, user: userEvent.setup() };
}

function refusal(status: number, code: string, detail: string): Response {
  const body = { type: "about:blank", title: code, status, code, detail, request_id: "r" };
  return Response.json(body, { status, headers: { "content-type": "application/problem+json" } });
}

function lastAsked(path: string, method = "GET") {
  return asked.filter((each) => each.url.pathname === `/api/v1${path}` && each.method === method).at(-1);
}

async function violations(): Promise<string[]> {
  // Nothing is laid out here, so nothing can be told of colours; and the frame has the landmarks.
  const rules = { "color-contrast": { enabled: false }, region: { enabled: false } };
  const found = await axe.run(document.body, { rules });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}

describe("records", () => {
  test("are listed in words, erased names as such", async () => {
    open("/audit");

    const row = (await screen.findByText("user:alice", { selector: "[title]" }).catch(() => undefined)) ?? null;
    expect(row).toBeNull();
    const rows = await screen.findAllByRole("row");
    expect(rows[1]).toHaveTextContentLike("Grant given", "erased", "Refused");
    expect(rows[2]).toHaveTextContentLike("Grant given", "alice", "bob", "Done", "203.0.113.7");
    expect(await violations()).toEqual([]);
  });
});
