// SPDX-License-Identifier: Apache-2.0
/** The tab about labels and notes by itself, and a server that answers it. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import LabelsTab from "@/features/labels/LabelsTab";
import type { Label, Note } from "@/features/labels/queries";

const AT = "2026-01-31T12:00:00Z";
const LABEL: Label = { key: "stage", value: "test", changed_at: AT, changed_by: "robot:ci" };
const OWN: Note = {
  id: "1",
  text: "**mine**",
  author: "user:alice",
  created_at: AT,
  changed_at: AT,
  is_own: true,
};
const OTHER: Note = { ...OWN, id: "2", text: "theirs", author: "user:bob", is_own: false };

const asked: { method: string; path: string; body: unknown }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  // Mantine waits for fonts before it measures a field that grows; there are none here.
  const fonts = { addEventListener: () => {}, removeEventListener: () => {} };
  Object.defineProperty(document, "fonts", { value: fonts, configurable: true });
  asked.length = 0;
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace(/.*sha256:0/, "");
    const text = await request.text();
    asked.push({ method: request.method, path, body: text && JSON.parse(text) });
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    return Response.json({ items: path.startsWith("/labels") ? [LABEL] : [OWN, OTHER] });
  }) as typeof fetch;
});

function open(may: string[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const subject = { repository: "team/app", digest: "sha256:0", type: "image", mediaType: "", may };
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <LabelsTab subject={subject} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

function sent() {
  return asked.filter(({ method }) => method !== "GET");
}

test("who only reads sees what is said, and can change nothing", async () => {
  open(["read"]);

  expect(await screen.findByText("stage=test")).toBeDefined();
  expect((await screen.findByText("mine")).tagName).toBe("STRONG");
  expect(screen.queryByRole("button")).toBeNull();
});

test("a label is put on, and taken off", async () => {
  open(["push"]);
  const user = userEvent.setup();
  await user.type(await screen.findByLabelText("Key"), "team");
  await user.type(screen.getByLabelText("Value"), "shop");
  await user.click(screen.getByRole("button", { name: "Add label" }));
  await vi.waitFor(() =>
    expect(sent()).toEqual([{ method: "PATCH", path: "/labels", body: { labels: { team: "shop" } } }]),
  );
  expect(screen.getByLabelText("Key")).toHaveProperty("value", "");

  await user.click(screen.getByRole("button", { name: "Remove stage=test" }));
  await vi.waitFor(() => expect(sent()[1]?.body).toEqual({ labels: { stage: null } }));
});

test("one's own note is changed, and that of somebody else is not", async () => {
  open(["push"]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Actions for the note by alice" }));
  await user.click(await screen.findByRole("menuitem", { name: "Change…" }));
  const dialog = within(await screen.findByRole("dialog"));
  await user.type(dialog.getByLabelText(/^Note/), " still");
  await user.click(dialog.getByRole("button", { name: "Save note" }));

  await vi.waitFor(() =>
    expect(sent()).toEqual([{ method: "PUT", path: "/notes/1", body: { text: "**mine** still" } }]),
  );
  expect(screen.queryByRole("button", { name: "Actions for the note by bob" })).toBeNull();
});

test("an administrator deletes anybody's note after a question", async () => {
  open(["admin"]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Actions for the note by bob" }));
  expect(screen.queryByRole("menuitem", { name: "Change…" })).toBeNull();
  await user.click(await screen.findByRole("menuitem", { name: "Delete…" }));
  await user.click(await screen.findByRole("button", { name: "Delete note" }));

  await vi.waitFor(() => expect(sent()).toEqual([{ method: "DELETE", path: "/notes/2", body: "" }]));
});
