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
import { configure, render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeAll, beforeEach, expect, test, vi } from "vitest";
import { answer, api, askToProveAgain } from "@/api";
import ApprovalsPage from "@/features/approvals/ApprovalsPage";
import { AskForApproval } from "@/shell/AskForApproval";
import { words } from "@/words";

const text = words.approvals;
const AT = "2026-11-22T13:00:00.250Z";
const ABOUT = { act: "project.delete", target: "team", hours: null };
const WAITING = {
  ...ABOUT,
  id: "01JD0000000000000000000000",
  reason: "it has moved",
  state: "pending",
  requested_by: "user:alice",
  requested_at: AT,
  expires_at: AT,
  decided_by: null,
  decided_at: null,
  comment: "",
  ended_at: null,
  may_decide: true,
  may_withdraw: false,
};
const MINE = { ...WAITING, target: "other", may_decide: false, may_withdraw: true };

const sent: { method: string; path: string; body: unknown }[] = [];
let about: object = ABOUT;
let ruled: string[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

beforeAll(async () => {
  await Promise.all([
    import("@/features/approvals/WaitingTab"),
    import("@/features/approvals/MineTab"),
    import("@/features/approvals/RulesTab"),
  ]);
});

beforeEach(() => {
  // What the table asks to know how many rows there is room for, and happy-dom has not.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 800, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 800, configurable: true });
  sent.length = 0;
  about = ABOUT;
  ruled = ["project.delete"];
  askToProveAgain(async () => false);
  globalThis.fetch = (async (request: Request) => {
    const { pathname, searchParams } = new URL(request.url);
    const body = await request.text();
    sent.push({ method: request.method, path: pathname, body: body && JSON.parse(body) });
    if (request.method === "DELETE") return refusal();
    if (pathname.endsWith("/rules")) {
      return Response.json({ items: ruled.map((act) => ({ act, since: AT, set_by: "user:alice" })) });
    }
    return Response.json({ items: [searchParams.get("list") === "mine" ? MINE : WAITING] });
  }) as typeof fetch;
});

function refusal(): Response {
  const body = { type: "about:blank", title: "", status: 403, code: "approval_needed", detail: "no" };
  return Response.json({ ...body, request_id: "r", about }, { status: 403 });
}

/** Open an address as somebody who may do that to the registry as a whole. */
function open(address: string, may: string[] = []) {
  const root = createRootRoute({
    component: () => (
      <>
        <Outlet />
        <AskForApproval />
      </>
    ),
  });
  const page = createRoute({ getParentRoute: () => root, path: "/approvals", component: ApprovalsPage });
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = createRouter({ routeTree: root.addChildren([page]), history });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryDefaults(["session"], { staleTime: Number.POSITIVE_INFINITY });
  queries.setQueryData(["session"], { state: "complete", user: "otto", may });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return userEvent.setup();
}

function deleteTeam(): Promise<unknown> {
  const path = { name: "team" };
  return answer(api.DELETE("/api/v1/projects/{name}", { params: { path } })).catch(() => undefined);
}

test("what others ask for is approved with a comment", async () => {
  const user = open("/approvals");
  await user.click(await screen.findByRole("button", { name: text.approve.label("project.delete team") }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText(text.comment), "agreed");
  await user.click(within(dialog).getByRole("button", { name: text.approve.act }));

  const path = `/api/v1/approvals/${WAITING.id}:approve`;
  await waitFor(() => expect(sent).toContainEqual({ method: "POST", path, body: { comment: "agreed" } }));
});

test("what one asked for oneself is withdrawn, and not approved", async () => {
  const user = open("/approvals?tab=mine");
  await user.click(await screen.findByRole("button", { name: text.withdraw.label("project.delete other") }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: text.withdraw.act }));

  const path = `/api/v1/approvals/${WAITING.id}:withdraw`;
  await waitFor(() => expect(sent).toContainEqual({ method: "POST", path, body: "" }));
  expect(screen.queryByRole("button", { name: text.approve.label("project.delete other") })).toBeNull();
});

test("only who may read the audit log sees everything and the rules", async () => {
  open("/approvals");
  await screen.findByRole("tab", { name: text.tabs.mine });

  expect(screen.queryByRole("tab", { name: text.tabs.rules })).toBeNull();
});

test("an administrator ticks what takes a second person", async () => {
  const user = open("/approvals?tab=rules", ["read-audit", "administer"]);
  await user.click(await screen.findByRole("checkbox", { name: text.acts["audit.export"] }));
  await user.click(screen.getByRole("button", { name: text.rules.save }));

  const body = { acts: ["project.delete", "audit.export"] };
  await waitFor(() => expect(sent).toContainEqual({ method: "PUT", path: "/api/v1/approvals/rules", body }));
});

test("it is not said that rules are set after they were ticked otherwise", async () => {
  const user = open("/approvals?tab=rules", ["read-audit", "administer"]);
  await user.click(await screen.findByRole("checkbox", { name: text.acts["audit.export"] }));
  await user.click(screen.getByRole("button", { name: text.rules.save }));
  await screen.findByText(text.rules.saved);

  await user.click(screen.getByRole("checkbox", { name: text.acts["artifact.purge"] }));

  expect(screen.queryByText(text.rules.saved)).toBeNull();
});

test("rules that somebody else has set are not undone by what was ticked before", async () => {
  const user = open("/approvals?tab=rules", ["read-audit", "administer"]);
  await screen.findByRole("checkbox", { name: text.acts["audit.export"] });
  ruled.push("administrator.add");
  window.dispatchEvent(new Event("visibilitychange"));
  await screen.findByRole("checkbox", { name: text.acts["administrator.add"], checked: true });

  await user.click(screen.getByRole("button", { name: text.rules.save }));

  const body = { acts: ["project.delete", "administrator.add"] };
  await waitFor(() => expect(sent).toContainEqual({ method: "PUT", path: "/api/v1/approvals/rules", body }));
});

test("an act that takes a second person, wherever it was refused, is asked for with a reason", async () => {
  const user = open("/approvals");
  await screen.findByRole("tab", { name: text.tabs.mine });
  await deleteTeam();
  await user.type(await screen.findByLabelText(new RegExp(text.ask.reason)), "it has moved");
  await user.click(screen.getByRole("button", { name: text.ask.act }));

  await screen.findByText(text.ask.asked);
  const body = { ...ABOUT, reason: "it has moved" };
  expect(sent).toContainEqual({ method: "POST", path: "/api/v1/approvals", body });
});

test("what waits already, or nobody could approve, is not asked for again", async () => {
  open("/approvals");
  await screen.findByRole("tab", { name: text.tabs.mine });
  for (const nothing of [{ ...ABOUT, waiting: WAITING.id }, {}]) {
    about = nothing;
    await deleteTeam();
  }

  expect(screen.queryByText(text.ask.title)).toBeNull();
});
