// SPDX-License-Identifier: Apache-2.0
/** The editor of retention rules by itself, and a server that answers it. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRouter,
  Link,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import ProjectTab from "@/features/retention/ProjectTab";
import type { Policy, Rule } from "@/features/retention/queries";

const UNTAGGED: Rule = {
  name: "untagged",
  effect: "delete-artifacts",
  selection: { is_tagged: false, unused_for_days: 30 },
  is_enabled: true,
  description: "",
};
const POLICY = {
  rules: [UNTAGGED],
  cron: "5 3 * * *",
  brake_percent: 50,
  expires_by_labels: false,
  changed_at: "2026-01-31T12:00:00Z",
  changed_by: "internal:retention",
} as Policy;
const PULL_REQUESTS: Rule = { ...UNTAGGED, name: "pr", selection: { tags: ["pr-*"], older_than_days: 7 } };
const TRIED = {
  units: 340,
  deletions: 12,
  size: 1024,
  is_whole: false,
  items: [
    {
      repository: "team/app",
      tag: "pr-1",
      digest: `sha256:${"0".repeat(64)}`,
      fate: "deleted",
      reason: "a rule deletes the artifact",
      rules: ["pr"],
      with_artifact: true,
    },
  ],
};

const asked: { method: string; path: string; body: Record<string, unknown> }[] = [];
const ELSEWHERE = "Elsewhere";
let policy: Policy | null;

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 40_000 });

beforeEach(() => {
  asked.length = 0;
  policy = POLICY;
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    const text = await request.text();
    const body = text && JSON.parse(text);
    asked.push({ method: request.method, path, body });
    return answerTo(request.method, path, body);
  }) as typeof fetch;
});

function answerTo(method: string, path: string, body: Record<string, unknown>): Response {
  if (path === "/session") return Response.json(null);
  if (path === "/retention/presets")
    return Response.json({
      items: [{ name: "pr", title: "Pull requests", description: "After a week", rules: [PULL_REQUESTS] }],
    });
  if (path.endsWith(":preview")) return tried(body);
  if (method === "PUT") return Response.json({ ...POLICY, ...body, changed_at: "2026-02-01T12:00:00Z" });
  if (!policy)
    return Response.json({ code: "retention_policy_unknown", status: 404, detail: "none" }, { status: 404 });
  return Response.json(policy);
}

function tried({ rules }: Record<string, unknown>): Response {
  const isWrong = (rules as Rule[]).some(({ selection }) => selection.tags?.includes("pr-["));
  if (!isWrong) return Response.json(TRIED);
  const problem = {
    code: "invalid_tag_pattern",
    status: 400,
    detail: "'pr-[' matches no tag",
    hint: "Write v*.",
  };
  return Response.json(problem, { status: 400 });
}

function open(may: string[] = ["manage-policy"]) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const rootRoute = createRootRoute({
    component: () => (
      <>
        <Link to="/elsewhere">{ELSEWHERE}</Link>
        <ProjectTab subject={{ name: "team", may }} />
        <Outlet />
      </>
    ),
    notFoundComponent: () => null,
  });
  const router = createRouter({
    routeTree: rootRoute,
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

function bodies(what: (each: (typeof asked)[number]) => boolean) {
  return asked.filter(what).map(({ body }) => body);
}

const previews = () => bodies(({ path }) => path.endsWith(":preview"));
const saved = () => bodies(({ method }) => method === "PUT");

test("the policy in force is told in sentences, with those above it", async () => {
  open();

  const rules = within(await screen.findByRole("list", { name: "Rules set here" }));
  expect(rules.getByText("Deletes untagged artifacts once nobody has used them for 30 days")).toBeDefined();
  expect(screen.getByText("Every day at 03:05 UTC")).toBeDefined();
  expect(screen.getByText("Set for the registry")).toBeDefined();
});

test("where nothing is set a preset is looked at before it is taken into the editor, and nothing is set by it", async () => {
  policy = null;
  const user = open();
  await user.click(await screen.findByRole("button", { name: "What would it delete? Pull requests" }));
  const dialog = await screen.findByRole("dialog");

  expect(await within(dialog).findByText("12 of 340 tags and artifacts would go")).toBeDefined();
  expect(within(dialog).getByText("team/app:pr-1")).toBeDefined();
  expect(within(dialog).getByText("That is not all")).toBeDefined();
  expect(previews()[0]).toMatchObject({ rules: [PULL_REQUESTS] });
  expect(previews()[0]).not.toHaveProperty("in_place", true);
  await user.click(within(dialog).getByRole("button", { name: "Take into the editor" }));
  expect(await screen.findByRole("button", { name: "Save rules" })).toBeDefined();
  expect(saved()).toEqual([]);
});

test("a rule is added, tried as the whole policy would be, and saved with the others", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Edit rules" }));
  await user.click(screen.getByRole("button", { name: "Add a rule" }));
  expect(screen.getByText("Waiting until what is marked is put right.")).toBeDefined();
  await user.type(screen.getByRole("textbox", { name: "Tags" }), "pr-*");
  await user.type(screen.getByRole("textbox", { name: "Older than (days)" }), "7");
  const name = screen.getByRole("textbox", { name: /^Name/ });
  await user.clear(name);
  await user.type(name, "pr");

  await vi.waitFor(() =>
    expect(previews().at(-1)).toMatchObject({ in_place: true, rules: [UNTAGGED, PULL_REQUESTS] }),
  );
  await user.click(screen.getByRole("button", { name: "Save rules" }));
  await vi.waitFor(() =>
    expect(saved()).toEqual([
      { rules: [UNTAGGED, PULL_REQUESTS], cron: "5 3 * * *", brake_percent: 50, expires_by_labels: false },
    ]),
  );
});

test("what the server refuses stands at its field", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Edit rules" }));
  await user.click(screen.getByRole("button", { name: "Add a rule" }));
  await user.type(screen.getByRole("textbox", { name: "Tags" }), "pr-[[");
  await user.type(screen.getByRole("textbox", { name: "Older than (days)" }), "7");

  expect(await screen.findByText("'pr-[' matches no tag. Write v*.")).toBeDefined();
  expect(screen.getByRole("textbox", { name: "Tags" }).getAttribute("aria-invalid")).toBe("true");
});

test("a rule is copied, turned off and removed", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Edit rules" }));
  const act = async (rule: string, what: string) => {
    await user.click(screen.getByRole("button", { name: `Actions for rule ${rule}` }));
    await user.click(await screen.findByRole("menuitem", { name: what }));
  };
  await act("untagged", "Duplicate");
  await act("untagged-2", "Turn off");
  await act("untagged", "Remove");
  await user.click(screen.getByRole("button", { name: "Save rules" }));

  await vi.waitFor(() =>
    expect(saved()).toMatchObject([{ rules: [{ ...UNTAGGED, name: "untagged-2", is_enabled: false }] }]),
  );
});

test("what somebody else has set meanwhile is not lost unseen", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Edit rules" }));
  await user.click(screen.getByRole("switch"));
  policy = { ...POLICY, changed_at: "2026-02-02T12:00:00Z", changed_by: "user:ada" };
  await user.click(screen.getByRole("button", { name: "Save rules" }));

  expect(await screen.findByText("ada has changed the rules meanwhile")).toBeDefined();
  expect(saved()).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Save mine all the same" }));
  await vi.waitFor(() => expect(saved()).toMatchObject([{ expires_by_labels: true }]));
});

test("leaving with something unsaved asks", async () => {
  const user = open();
  await user.click(await screen.findByRole("button", { name: "Edit rules" }));
  await user.click(screen.getByRole("switch"));
  await user.click(screen.getByRole("link", { name: "Elsewhere" }));

  const dialog = await screen.findByRole("dialog", { name: "Leave without saving?" });
  await user.click(within(dialog).getByRole("button", { name: "Cancel" }));
  expect(screen.getByRole("button", { name: "Save rules" })).toBeDefined();
});

test("who may not change rules is not led there", async () => {
  open([]);

  await vi.waitFor(() => expect(asked.length).toBeGreaterThan(0));
  expect(screen.queryByRole("button", { name: "Edit rules" })).toBeNull();
});
