// SPDX-License-Identifier: Apache-2.0
/** The page of templates by itself, and a server that answers it. */

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
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { draftOf, isWhole, oneMore, wantedOf } from "@/features/templates/drafts";
import ProjectTab from "@/features/templates/ProjectTab";
import type { Template } from "@/features/templates/queries";
import TemplatesPage from "@/features/templates/TemplatesPage";

const AT = "2026-11-22T13:00:00.250Z";
const TEAMS: Template = {
  name: "teams",
  project: null,
  purpose: "project",
  pattern: "team-*",
  visibility: "internal",
  grants: [
    { principal: "creator", role: "admin", path: "**" },
    { principal: "group:qa", role: "read", path: "app-*" },
  ],
  created_at: AT,
  created_by: "user:admin",
  changed_at: AT,
  changed_by: "user:admin",
};
const APPS: Template = {
  ...TEAMS,
  name: "apps",
  project: "team",
  purpose: "repository",
  pattern: "team/app-*",
  visibility: null,
  grants: [{ principal: "creator", role: "maintain", path: "" }],
};
const START = {
  template: "teams",
  of_project: null,
  pattern: "team-*",
  visibility: "public",
  visibility_obstacle: "a guardrail does not let it",
  grants: [{ principal: "group:qa", role: "read", path_pattern: "team-a/**", obstacle: "" }],
};

const answers: Record<string, unknown> = {};
const asked: { method: string; path: string; body: unknown }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  // What the table asks to know how many rows there is room for, and happy-dom has not.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 800, configurable: true });
  Object.defineProperty(HTMLElement.prototype, "clientWidth", { value: 800, configurable: true });
  asked.length = 0;
  Object.assign(answers, {
    "GET /templates": { items: [TEAMS] },
    "GET /templates:match": { project: START, repository: null },
    "PUT /templates/new": TEAMS,
    "GET /projects/team/templates": { items: [APPS] },
    "GET /projects/team/templates:match": { project: null, repository: { ...START, of_project: "team" } },
  });
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    const text = await request.text();
    asked.push({ method: request.method, path, body: text && JSON.parse(text) });
    const answer = answers[`${request.method} ${path}`];
    return answer instanceof Response ? answer.clone() : Response.json(answer ?? {});
  }) as typeof fetch;
});

function open(may: string[], component = TemplatesPage) {
  const root = createRootRoute({ component: Outlet });
  const page = createRoute({ getParentRoute: () => root, path: "/", component });
  const router = createRouter({
    routeTree: root.addChildren([page]),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
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

describe("the page of templates", () => {
  test("tells what things start with, and offers nothing to who only reads", async () => {
    open(["read-accounts"]);

    const [, row] = await screen.findAllByRole("row");
    for (const part of ["teams", "team-*", "Internal", "Who makes it: admin on **"])
      expect(row?.textContent).toContain(part);
    expect(screen.queryByText("New template")).toBeNull();
    expect(screen.queryByLabelText("Actions for teams")).toBeNull();
  });

  test("says what it is like without templates", async () => {
    answers["GET /templates"] = { items: [] };
    open(["read-accounts"]);

    await screen.findByText("There are no templates");
  });

  test("says why it was refused", async () => {
    const body = {
      type: "about:blank",
      title: "denied",
      status: 403,
      code: "denied",
      detail: "you may not",
      request_id: "r",
    };
    answers["GET /templates"] = Response.json(body, {
      status: 403,
      headers: { "content-type": "application/problem+json" },
    });
    open(["read-accounts"]);

    await screen.findByText("You may not.");
  });

  test("tells what a name would start with, and what is left out", async () => {
    const user = open(["read-accounts"]);

    await user.type(await screen.findByLabelText("Project or repository"), "team-a/app");

    const told = (await screen.findByText("The project, if it were new")).closest<HTMLElement>(
      "[role=status]",
    );
    if (!told) throw new Error("nothing is told");
    for (const part of ["Public, if nobody says otherwise", "Left out: a guardrail", "read on team-a/**"])
      expect(told.textContent).toContain(part);
    within(told).getByText("No template is for it.");
  });

  test("sets a template of a role for who makes it", async () => {
    const user = open(["read-accounts", "administer"]);

    await user.click(await screen.findByText("New template"));
    const form = await screen.findByRole("dialog");
    await user.type(within(form).getByRole("textbox", { name: "Name" }), "new");
    await user.type(within(form).getByRole("textbox", { name: "Names" }), "team-*");
    await user.click(within(form).getByRole("button", { name: "Set template" }));

    const grants = [{ principal: "creator", role: "admin", path: "**" }];
    const wanted = { purpose: "project", pattern: "team-*", visibility: null, grants };
    await vi.waitFor(() =>
      expect(asked).toContainEqual({ method: "PUT", path: "/templates/new", body: wanted }),
    );
  });
});

test("a template is not put in the place of another one by a new one", async () => {
  const user = open(["read-accounts", "administer"]);
  await user.click(await screen.findByText("New template"));
  const form = await screen.findByRole("dialog");
  await user.type(within(form).getByRole("textbox", { name: "Names" }), "team-*");

  await user.type(within(form).getByRole("textbox", { name: "Name" }), "teams");

  await within(form).findByText(/There is one of this name/);
  expect(within(form).getByRole("button", { name: "Set template" })).toHaveProperty("disabled", true);
});

describe("the templates of a project", () => {
  const ofTeam = () => open([], () => <ProjectTab subject={{ name: "team", may: ["admin"] }} />);

  test("are for its repositories", async () => {
    const user = ofTeam();
    await user.click(await screen.findByText("New template"));
    const form = await screen.findByRole("dialog");
    expect(within(form).queryByText("For new")).toBeNull();

    await user.type(within(form).getByRole("textbox", { name: "Name" }), "new");
    await user.click(within(form).getByRole("button", { name: "Set template" }));

    const grants = [{ principal: "creator", role: "admin", path: "" }];
    const wanted = { purpose: "repository", pattern: "team/**", visibility: null, grants };
    await vi.waitFor(() =>
      expect(asked).toContainEqual({ method: "PUT", path: "/projects/team/templates/new", body: wanted }),
    );
  });

  test("are changed and deleted in the project", async () => {
    const user = ofTeam();
    await user.click(await screen.findByLabelText("Actions for apps"));
    await user.click(await screen.findByText("Change…"));
    await user.click(await screen.findByRole("button", { name: "Set template" }));
    await vi.waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());

    await user.click(await screen.findByLabelText("Actions for apps"));
    await user.click(await screen.findByText("Delete…"));
    await user.click(await screen.findByRole("button", { name: "Delete template" }));

    await vi.waitFor(() => {
      const changes = asked.filter(({ method }) => method !== "GET");
      expect(changes.map(({ method, path }) => `${method} ${path}`)).toEqual([
        "PUT /projects/team/templates/apps",
        "DELETE /projects/team/templates/apps",
      ]);
    });
  });

  test("are tried on a name in it, once there is one", async () => {
    const user = ofTeam();
    const field = await screen.findByLabelText("Repository");
    expect(field).toHaveProperty("value", "team/");

    await user.type(field, "app-one");

    const told = (await screen.findByText("teams of team, for team-*")).closest("[role=status]");
    expect(told?.textContent).not.toContain("The project, if it were new");
    const matches = asked.filter(({ path }) => path.endsWith(":match"));
    expect(matches.map(({ path }) => path)).toEqual(["/projects/team/templates:match"]);
  });
});

describe("what is typed", () => {
  test("is what is set, of a template that is changed", () => {
    const { purpose, pattern, visibility, grants } = TEAMS;

    expect(wantedOf(draftOf(TEAMS))).toEqual({ purpose, pattern, visibility, grants });
  });

  test("has no path and no visibility of a repository", () => {
    const wanted = wantedOf({ ...draftOf(TEAMS), purpose: "repository" });

    expect(wanted.visibility).toBeNull();
    expect(wanted.grants?.map(({ path }) => path)).toEqual(["", ""]);
  });

  test("is not whole before everybody has a name", () => {
    const draft = draftOf(TEAMS);
    const grants = [...draft.grants, oneMore(draft.grants)];

    expect(isWhole(draft)).toBe(true);
    expect(isWhole({ ...draft, grants })).toBe(false);
  });
});
