// SPDX-License-Identifier: Apache-2.0
/** The tab about what may happen to a tag by itself, and a server that answers it. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { Explained } from "@/features/immutability/queries";
import TagTab from "@/features/immutability/TagTab";

const KEPT: Explained = {
  tag: "v1",
  digest: "sha256:0",
  decides: {
    project: "team",
    number: 2,
    rule: {
      repositories: "team/**",
      tags: "v*",
      effect: "immutable",
      until: null,
      description: "",
      is_binding: false,
    },
  },
  explanation: "Rule 2 decides.",
  set: "free",
  move: "kept",
  delete: "kept",
  override: null,
};
const OVERRIDE = {
  tag: "v1",
  reason: "wrong branch",
  expires_at: "2999-01-31T12:00:00Z",
  created_at: "2026-01-31T11:00:00Z",
  created_by: "user:root",
};

let told: Explained = KEPT;
const asked: { method: string; body: { reason: string; expires_at: string } }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  told = KEPT;
  asked.length = 0;
  globalThis.fetch = (async (request: Request) => {
    const text = await request.text();
    if (request.method !== "GET") asked.push({ method: request.method, body: text && JSON.parse(text) });
    if (request.method === "PUT") told = { ...KEPT, override: OVERRIDE };
    if (request.method !== "DELETE") return Response.json(request.method === "PUT" ? OVERRIDE : told);
    told = KEPT;
    return new Response(null, { status: 204 });
  }) as typeof fetch;
});

function open(may: string[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const subject = {
    repository: "team/app",
    digest: "sha256:0",
    type: "image",
    mediaType: "",
    tag: "v1",
    may,
  };
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <TagTab subject={subject} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("it says which rule decides, and what it lets happen", async () => {
  open([]);

  expect(await screen.findByText("Rule 2 decides.")).toBeDefined();
  expect(screen.getAllByText("refused")).toHaveLength(2);
  expect(screen.queryByRole("button")).toBeNull();
});

test("an override is given with a reason and an end, and taken back", async () => {
  open(["override"]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Override the rule…" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByLabelText(/^Reason/), " wrong branch ");
  await user.selectOptions(dialog.getByLabelText("For"), "15 minutes");
  await user.click(dialog.getByRole("button", { name: "Override the rule" }));

  expect(await screen.findByText("in force")).toBeDefined();
  const minutes = (Date.parse(asked[0]?.body.expires_at ?? "") - Date.now()) / 60_000;
  expect(asked[0]?.body.reason).toBe("wrong branch");
  expect(Math.round(minutes)).toBe(15);
  await user.click(screen.getByRole("button", { name: "Take it back" }));
  await user.click(within(await screen.findByRole("dialog")).getByRole("button", { name: "Take it back" }));
  await vi.waitFor(() => expect(asked.map(({ method }) => method)).toEqual(["PUT", "DELETE"]));
});

test("where nothing is kept there is nothing to override", async () => {
  told = { ...KEPT, decides: null, move: "free", delete: "free" };
  open(["override"]);

  expect(await screen.findAllByText("allowed")).toHaveLength(2);
  expect(screen.queryByRole("button")).toBeNull();
});
