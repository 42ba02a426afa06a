// SPDX-License-Identifier: Apache-2.0
/** Plans, what becomes of tags, and policies of other registries: each by itself, and a server that answers. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { configure, fireEvent, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { beforeEach, expect, test, vi } from "vitest";
import { ImportForm } from "@/features/retention/ImportForm";
import Mark from "@/features/retention/Mark";
import { PlanPanel } from "@/features/retention/PlanPanel";
import type { Expiry, Plan, Verdict } from "@/features/retention/queries";

const TEAM = { level: "project", name: "team" } as const;
const DIGEST = `sha256:${"0".repeat(64)}`;
const ID = "01J00000000000000000000000";
const PLANNED: Plan = {
  id: ID,
  state: "planned",
  rules: null,
  units: 17,
  deletions: 14,
  size: 2048,
  freed_bytes: 1024,
  done: 0,
  reason: "",
  made_at: "2026-01-31T12:00:00Z",
  made_by: "internal:retention",
  ended_at: null,
};
const GOES: Verdict = {
  digest: DIGEST,
  tag: "pr-1",
  fate: "deleted",
  reason: "a rule deletes the artifact",
  rules: ["pr"],
  with_artifact: true,
};
const NOBODY: Expiry = { expires_at: null, source: "nobody", set_by: null, set_at: null };

// What fields that grow listen to, and happy-dom has not.
Object.defineProperty(document, "fonts", { value: new EventTarget(), configurable: true });

const asked: { method: string; path: string; body: unknown }[] = [];
let plan: Plan;
let expiry: Expiry;

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  asked.length = 0;
  plan = PLANNED;
  expiry = NOBODY;
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    const text = await request.text();
    const body = text && JSON.parse(text);
    asked.push({ method: request.method, path, body });
    return answerTo(request.method, path, body);
  }) as typeof fetch;
});

function answerTo(method: string, path: string, body: { document?: { rules?: unknown } }): Response {
  if (path.endsWith(":explain")) return Response.json({ items: [GOES] });
  if (path.endsWith("/expiry"))
    return method === "GET" ? Response.json(expiry) : Response.json({ ...expiry, ...body });
  if (path.endsWith("/steps")) return Response.json({ items: [] });
  if (path.endsWith(":run")) return Response.json({ ...plan, state: "running" }, { status: 202 });
  if (path.endsWith(":import")) return imported(body);
  return Response.json(plan);
}

function imported({ document }: { document?: { rules?: unknown } }): Response {
  if (!document?.rules) {
    const problem = {
      code: "retention_import_refused",
      status: 400,
      detail: "the policy has no rule",
      hint: "Add one.",
    };
    return Response.json(problem, { status: 400 });
  }
  const rule = {
    name: "ecr-1",
    effect: "delete-artifacts",
    selection: { tags: ["pr-*"], older_than_days: 7 },
  };
  const difference = {
    repository: "team/app",
    digest: DIGEST,
    tag: "pr-2",
    goes_here: false,
    reason: "held",
    rules: [],
  };
  return Response.json({
    rules: [rule],
    cron: "",
    notes: ["It counts otherwise."],
    units: 5,
    is_whole: true,
    differences: [difference],
  });
}

function open(shown: ReactNode) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const router = createRouter({
    routeTree: createRootRoute({ component: () => shown }),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return userEvent.setup();
}

const openPlan = (mayChange = true) =>
  open(<PlanPanel scope={TEAM} id={ID} mayChange={mayChange} onBack={() => {}} />);

function sent(end: string) {
  return asked.filter(({ method, path }) => method !== "GET" && path.endsWith(end)).map(({ body }) => body);
}

test("a plan is run after a question that names the number", async () => {
  const user = openPlan();
  expect(
    await screen.findByText("Frees 1 KiB once the bin is emptied; the artifacts have 2 KiB"),
  ).toBeDefined();
  expect(screen.getByText(/its schedule/)).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Run this plan…" }));
  const dialog = await screen.findByRole("dialog", { name: "Delete 14 tags and artifacts?" });
  await user.click(within(dialog).getByRole("button", { name: "Delete 14 tags and artifacts" }));

  await vi.waitFor(() => expect(sent(":run")).toEqual([{ deletions: 14 }]));
});

test("one that waits for a person takes the number typed", async () => {
  plan = { ...PLANNED, reason: "team/app would lose 14 of 17 tags" };
  const user = openPlan();
  await user.click(await screen.findByRole("button", { name: "Run this plan…" }));
  const dialog = await screen.findByRole("dialog");
  const act = within(dialog).getByRole("button", { name: /^Delete 14/ });
  expect(act.hasAttribute("disabled")).toBe(true);
  await user.type(within(dialog).getByRole("textbox"), "14");
  await user.click(act);

  await vi.waitFor(() => expect(sent(":run")).toEqual([{ deletions: 14 }]));
});

test("one that was refused says why and what comes next, and nobody runs it", async () => {
  plan = { ...PLANNED, state: "refused", reason: "the rules are others" };
  openPlan();

  expect(await screen.findByText("Refused: the rules are others")).toBeDefined();
  expect(screen.getByText(/Make a plan anew/)).toBeDefined();
  expect(screen.getByRole("button", { name: "Make a plan" })).toBeDefined();
  expect(screen.queryByRole("button", { name: "Run this plan…" })).toBeNull();
});

test("who may only look is offered nothing to do", async () => {
  openPlan(false);

  expect(await screen.findByText("Ready")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Run this plan…" })).toBeNull();
});

function openMark(may: string[], tag: string | undefined = "pr-1") {
  const subject = { repository: "team/app", digest: DIGEST, type: "image", mediaType: "", may };
  return open(<Mark subject={tag ? { ...subject, tag } : subject} />);
}

test("a tag says what becomes of it, and who set when it expires", async () => {
  expiry = { ...NOBODY, source: "somebody", expires_at: "2999-01-01T00:00:00Z", set_by: "user:ada" };
  openMark([]);

  expect(await screen.findByText("Goes at the next run: a rule deletes the artifact (pr)")).toBeDefined();
  expect((await screen.findByText(/^Expires/)).textContent).toContain("(set by ada)");
  expect(screen.queryByRole("button")).toBeNull();
});

test("an artifact without a tag says nothing", async () => {
  openMark(["delete"], "");

  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(asked).toEqual([]);
});

test("who may delete a tag lets it stay, or forget what was said", async () => {
  expiry = { ...NOBODY, source: "somebody", expires_at: "2999-01-01T00:00:00Z", set_by: "user:ada" };
  const user = openMark(["delete"]);
  await user.click(await screen.findByRole("button", { name: "Change expiry…" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("radio", { name: "Never" }));
  await user.click(within(dialog).getByRole("button", { name: "Set expiry" }));
  await vi.waitFor(() => expect(sent("/expiry")).toEqual([{ expires_at: null }]));

  await user.click(await screen.findByRole("button", { name: "Change expiry…" }));
  const again = await screen.findByRole("dialog");
  await user.click(within(again).getByRole("radio", { name: "As its artifact says" }));
  await user.click(within(again).getByRole("button", { name: "Set expiry" }));
  await vi.waitFor(() => expect(asked.some(({ method }) => method === "DELETE")).toBe(true));
});

test("a policy of another registry is compared, refused with what to change, and taken over", async () => {
  const use = vi.fn();
  const user = open(<ImportForm scope={TEAM} onUse={use} />);
  const field = await screen.findByRole("textbox", { name: "JSON" });
  const compare = async (text: string) => {
    fireEvent.change(field, { target: { value: text } });
    await user.click(screen.getByRole("button", { name: "Compare" }));
  };
  await compare("{");
  expect(await screen.findByText(/^This is no JSON/)).toBeDefined();
  await compare("[]");
  expect(await screen.findByText(/^This is no object/)).toBeDefined();
  await compare("{}");
  expect(await screen.findByText("The policy has no rule. Add one.")).toBeDefined();
  await compare('{"rules": []}');

  expect(await screen.findByText("1 of 5 tags and artifacts would be treated differently:")).toBeDefined();
  expect(screen.getByText("stays here, goes there")).toBeDefined();
  expect(screen.getByText("It counts otherwise.")).toBeDefined();
  await user.click(screen.getByRole("button", { name: "Take into the editor" }));
  expect(use).toHaveBeenCalledWith([expect.objectContaining({ name: "ecr-1" })], "");
});
