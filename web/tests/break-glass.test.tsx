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
import { configure, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { breakGlass } from "@/features/break-glass";
import BreakGlassPage from "@/features/break-glass/BreakGlassPage";
import { GlassBanner } from "@/shell/GlassBanner";
import { MountedFeatures } from "@/shell/mounted";
import { parseSearch, stringifySearch } from "@/shell/search";

const OPENING = {
  id: "01JD0000000000000000000000",
  principal: "user:alice",
  path_pattern: "SYSTEM",
  role: "administrator",
  reason: "the pipeline is down",
  state: "open",
  opened_at: "2026-11-22T03:10:00.000Z",
  ends_at: "2026-11-22T03:40:00.000Z",
  ended_by: null,
  acknowledged_at: null,
  acknowledged_by: null,
  comment: "",
};
const ENDED = { ...OPENING, state: "ended", ended_by: "user:alice" };
const ELIGIBILITY = {
  id: "01JD0000000000000000000001",
  principal: "group:on-call",
  path_pattern: "team/**",
  role: "admin",
  longest_minutes: 30,
  created_at: OPENING.opened_at,
  created_by: "user:admin",
};
const AUDITOR = ["read-audit", "read-accounts"];
const ADMINISTRATOR = [...AUDITOR, "administer"];

const answers: Record<string, unknown> = {};
const asked: { method: string; path: string; body: unknown }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

beforeAll(async () => {
  await Promise.all([
    import("@/features/break-glass/OwnTab"),
    import("@/features/break-glass/OpeningsTab"),
    import("@/features/break-glass/EligibleTab"),
  ]);
});

beforeEach(() => {
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 800, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 800, configurable: true });
  const fonts = { addEventListener: () => {}, removeEventListener: () => {} };
  Object.defineProperty(document, "fonts", { value: fonts, configurable: true });
  asked.length = 0;
  Object.assign(answers, {
    "GET /break-glass": { eligibilities: [ELIGIBILITY], opening: null },
    "GET /break-glass/openings": { items: [OPENING] },
    "GET /break-glass/eligibilities": { items: [ELIGIBILITY] },
  });
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    const text = await request.text();
    asked.push({ method: request.method, path, body: text && JSON.parse(text) });
    return Response.json(answers[`${request.method} ${path}`] ?? {});
  }) as typeof fetch;
});

function open(address: string, may: string[] = []) {
  const root = createRootRoute({
    component: () => (
      <>
        <GlassBanner />
        <Outlet />
      </>
    ),
  });
  const page = createRoute({ getParentRoute: () => root, path: "/break-glass", component: BreakGlassPage });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: [address] }),
    parseSearch,
    stringifySearch,
  });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryDefaults(["session"], { staleTime: Number.POSITIVE_INFINITY });
  queries.setQueryData(["session"], { state: "complete", user: "otto", may });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <MountedFeatures value={[breakGlass]}>
          <RouterProvider router={router as never} />
        </MountedFeatures>
      </QueryClientProvider>
    </MantineProvider>,
  );
  return userEvent.setup();
}

function last(method: string) {
  return asked.filter((each) => each.method === method).at(-1);
}

describe("the notice above every page", () => {
  test("says who has broken the glass, and why", async () => {
    open("/break-glass", AUDITOR);

    const notice = await screen.findByRole("alert");
    for (const part of ["Somebody has broken the glass", "alice", "administrator", "the pipeline is down"])
      expect(notice.textContent).toContain(part);
  });

  test("stays until somebody has looked at it", async () => {
    answers["GET /break-glass/openings"] = { items: [ENDED] };
    open("/break-glass", AUDITOR);

    await screen.findByText(/An opening of break-glass access is to be looked at/);
    expect(screen.queryByRole("alert")).toBeNull();
  });

  test("is for those who may read the audit log, while there is something to say", async () => {
    open("/break-glass");
    await screen.findByText("Open…");

    expect(screen.queryByRole("alert")).toBeNull();
    expect(asked.map(({ path }) => path)).not.toContain("/break-glass/openings");
  });
});

describe("one's own", () => {
  test("is opened with a reason that says something", async () => {
    const user = open("/break-glass");
    await user.click(await screen.findByText("Open…"));
    const act = await screen.findByRole("button", { name: "Break the glass" });
    expect(act).toHaveProperty("disabled", true);

    await user.type(screen.getByLabelText(/What has happened/), "the pipeline is down");
    await user.click(act);

    expect(last("POST")).toMatchObject({
      path: "/break-glass/openings",
      body: { eligibility: ELIGIBILITY.id, reason: "the pipeline is down", minutes: 30 },
    });
  });

  test("is given back", async () => {
    answers["GET /break-glass"] = { eligibilities: [ELIGIBILITY], opening: OPENING };
    const user = open("/break-glass");
    await user.click(await screen.findByText("End it now"));
    await user.click(await screen.findByRole("button", { name: "End it" }));

    expect(last("POST")?.path).toBe(`/break-glass/openings/${OPENING.id}:end`);
    expect(screen.getByText("Open…").closest("button")).toHaveProperty("disabled", true);
  });
});

describe("the openings of all", () => {
  test("lead to what was done", async () => {
    open("/break-glass?tab=openings", AUDITOR);

    const link = await screen.findByRole("link", { name: "What was done by alice" });
    const query = new URL(link.getAttribute("href") ?? "", "http://x").searchParams;
    expect(Object.fromEntries(query)).toEqual({
      principal: "user:alice",
      since: OPENING.opened_at,
      until: "2026-11-22T03:40:02.000Z",
    });
    expect(screen.queryByText("End…")).toBeNull();
  });

  test("are acknowledged with a comment by administrators", async () => {
    answers["GET /break-glass/openings"] = { items: [ENDED] };
    const user = open("/break-glass?tab=openings", ADMINISTRATOR);
    await user.click(await screen.findByText("Acknowledge…"));
    await user.type(await screen.findByLabelText(/What you found/), "as agreed");
    await user.click(screen.getByRole("button", { name: "Acknowledge" }));

    expect(last("POST")).toMatchObject({
      path: `/break-glass/openings/${OPENING.id}:acknowledge`,
      body: { comment: "as agreed" },
    });
  });
});

test("somebody is made eligible by administrators only", async () => {
  const user = open("/break-glass?tab=eligible", ADMINISTRATOR);
  await user.click(await screen.findByText("Make somebody eligible"));
  await user.type(await screen.findByRole("combobox", { name: /Name|User/ }), "bob");
  await user.type(screen.getByRole("textbox", { name: /^On/ }), "team/**");
  await user.click(screen.getByRole("button", { name: "Make eligible" }));

  expect(last("POST")?.body).toEqual({
    principal: "user:bob",
    path_pattern: "team/**",
    role: "admin",
    longest_minutes: 60,
  });
});
