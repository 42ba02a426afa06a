// SPDX-License-Identifier: Apache-2.0
/** The tab about immutable tags by itself, and a server that answers it. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import ProjectTab from "@/features/immutability/ProjectTab";
import type { Rule } from "@/features/immutability/queries";

const RULE: Rule = {
  repositories: "team/**",
  tags: "v*",
  effect: "immutable",
  until: null,
  description: "Releases",
  is_binding: false,
};
const LATEST: Rule = { ...RULE, tags: "latest", effect: "mutable", description: "" };
const MATCHED = {
  repository: "team/app",
  tag: "v1",
  decides_now: { project: "team", number: 2, rule: RULE },
};

const asked: { method: string; path: string; body: unknown }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  asked.length = 0;
  const rules = { rules: [LATEST, RULE], revision: 7, changed_at: null, changed_by: null };
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1", "");
    const text = await request.text();
    asked.push({ method: request.method, path, body: text && JSON.parse(text) });
    return Response.json(path.endsWith(":preview") ? { items: [MATCHED] } : rules);
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

function sent() {
  return asked.filter(({ method }) => method === "PUT").map(({ body }) => body);
}

test("rules are listed in order, and only read where nothing may be changed", async () => {
  open([]);
  const rows = within(await screen.findByRole("list", { name: "Immutable tags" })).getAllByRole("listitem");

  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringContaining("Rule 1: Mutablelatest in team/**"),
    expect.stringContaining("Rule 2: Immutablev* in team/**"),
  ]);
  expect(screen.queryByRole("button")).toBeNull();
});

test("a rule is previewed while it is typed, and put behind the others", async () => {
  open(["manage-policy"]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Add a rule" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText(/^Tags/), "v*");

  expect(await within(dialog).findByText("team/app:v1")).toBeDefined();
  expect(within(dialog).getByText("now Immutable, by rule 2")).toBeDefined();
  await user.click(within(dialog).getByRole("button", { name: "Save rule" }));
  await vi.waitFor(() =>
    expect(sent()).toEqual([{ rules: [LATEST, RULE, { ...RULE, description: "" }], revision: 7 }]),
  );
});

test("a rule is asked earlier, or removed after a question", async () => {
  open(["manage-policy"]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Actions for rule 2" }));
  await user.click(await screen.findByRole("menuitem", { name: "Earlier" }));
  await vi.waitFor(() => expect(sent()).toEqual([{ rules: [RULE, LATEST], revision: 7 }]));

  await user.click(await screen.findByRole("button", { name: "Actions for rule 1" }));
  await user.click(await screen.findByRole("menuitem", { name: "Remove…" }));
  await user.click(await screen.findByRole("button", { name: "Remove rule" }));
  await vi.waitFor(() => expect(sent()).toContainEqual({ rules: [RULE], revision: 7 }));
});
