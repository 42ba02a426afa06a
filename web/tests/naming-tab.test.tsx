// SPDX-License-Identifier: Apache-2.0
/** The tab about names by itself, and a server that answers it. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { draftOf, isWhole, patternsIn, wantedOf } from "@/features/naming/drafts";
import ProjectTab from "@/features/naming/ProjectTab";
import type { Rule } from "@/features/naming/queries";

const RULE: Rule = {
  repositories: "team/**",
  names: ["team/*-svc"],
  tags: ["v*", "main"],
  artifact_types: ["chart"],
  description: "Charts",
};
const UNFIT = { repository: "team/app", tag: "nightly", fault: "tag", type: null };
const EXPLAINED = {
  repository: "team/app",
  tag: "beta",
  is_repository_there: true,
  is_tag_there: false,
  rules: [],
  refusals: ["naming rule 1 of team wants something else"],
  types: ["image"],
};

const asked: { method: string; path: string; body: unknown }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  asked.length = 0;
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    const text = await request.text();
    asked.push({ method: request.method, path, body: text && JSON.parse(text) });
    if (path.endsWith(":preview")) return Response.json({ items: [UNFIT] });
    if (path.startsWith("/repositories")) return Response.json(EXPLAINED);
    return Response.json({ rules: [RULE], revision: 7, changed_at: null, changed_by: null });
  }) as typeof fetch;
});

function open(may: string[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <ProjectTab subject={{ name: "team", may }} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("a rule is shown with what is there that it would refuse, and put behind the others", async () => {
  open(["manage-policy"]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Add a rule" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(dialog.getByRole("button", { name: "Save rule" })).toHaveProperty("disabled", true);
  await user.type(dialog.getByLabelText("New tags"), "v*, main v*");

  expect(await dialog.findByText("team/app:nightly")).toBeDefined();
  await user.click(dialog.getByRole("button", { name: "Save rule" }));
  const added = {
    repositories: "team/**",
    names: [],
    tags: ["v*", "main"],
    artifact_types: [],
    description: "",
  };
  await vi.waitFor(() =>
    expect(asked.filter(({ method }) => method === "PUT").map(({ body }) => body)).toEqual([
      { rules: [RULE, added], revision: 7 },
    ]),
  );
});

test("a name is tried", async () => {
  open([]);
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Repository or tag"), "team/app:beta");
  await user.click(screen.getByRole("button", { name: "Explain" }));

  expect(await screen.findByText("naming rule 1 of team wants something else")).toBeDefined();
  expect(screen.getByText(/may be pushed there: Image/)).toBeDefined();
  expect(screen.queryByRole("button", { name: "Add a rule" })).toBeNull();
});

test("a rule is read as it is written", () => {
  expect(wantedOf(draftOf(RULE, "team"))).toEqual(RULE);
  expect(isWhole(draftOf(undefined, "team"))).toBe(false);
  expect(patternsIn(" a, b\nb  c ")).toEqual(["a", "b", "c"]);
});
