// SPDX-License-Identifier: Apache-2.0
/** Muting by itself, and a server that answers it. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { MuteDialog, type Proposed } from "@/features/notifications/MuteDialog";
import { Mutes } from "@/features/notifications/Mutes";

const KIND = {
  name: "quota.reached",
  about: "A quota is nearly used up.",
  severity: "warning",
  is_essential: false,
};
const ESSENTIAL = {
  ...KIND,
  name: "account.password",
  about: "Your password was changed.",
  is_essential: true,
};
const MUTE = {
  id: "01KDZK3V8E8K5Z4Q6T6R9W2B7C",
  kind: "quota.reached",
  project: "team",
  repository: null,
  until: null,
};

const asked: { method: string; path: string; body: unknown }[] = [];
let mutes: object[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  asked.length = 0;
  mutes = [];
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1/notifications", "");
    const text = await request.text();
    asked.push({ method: request.method, path, body: text && JSON.parse(text) });
    if (path === "/kinds") return Response.json({ items: [KIND, ESSENTIAL] });
    if (request.method === "DELETE") return new Response(null, { status: 204 });
    return Response.json(request.method === "POST" ? MUTE : { items: mutes });
  }) as typeof fetch;
});

function show(what: React.ReactNode) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>{what}</QueryClientProvider>
    </MantineProvider>,
  );
}

const changes = () => asked.filter(({ method }) => method !== "GET");

async function open(proposed: Proposed) {
  const onClose = vi.fn();
  show(<MuteDialog proposed={proposed} onClose={onClose} />);
  const dialog = within(await screen.findByRole("dialog"));
  await dialog.findByRole("button", { name: "Mute" });
  return { dialog, onClose, user: userEvent.setup() };
}

test("a project is muted for ever unless a time is said", async () => {
  const { dialog, onClose, user } = await open({ project: "team" });
  await user.click(dialog.getByRole("button", { name: "Mute" }));

  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  const body = { kind: "", project: "team", repository: "", until: null };
  expect(changes()).toEqual([{ method: "POST", path: "/mutes", body }]);
});

test("nothing is not muted, and neither is what is always told", async () => {
  const { dialog, user } = await open({});
  expect(dialog.getByRole("button", { name: "Mute" })).toHaveProperty("disabled", true);
  await user.click(dialog.getByRole("combobox", { name: "Kind" }));

  expect(await screen.findByText(KIND.about)).toBeDefined();
  expect(screen.queryByText(ESSENTIAL.about)).toBeNull();
  expect(changes()).toEqual([]);
});

test("what is muted is listed, and heard of again", async () => {
  mutes = [MUTE];
  show(<Mutes onBack={() => {}} />);
  const row = within(await screen.findByRole("row"));
  expect(row.getByText(KIND.about)).toBeDefined();
  expect(row.getByText("Project team")).toBeDefined();
  expect(row.getByText("For ever")).toBeDefined();
  await userEvent.setup().click(row.getByRole("button", { name: "Hear of it again" }));

  await vi.waitFor(() =>
    expect(changes()).toEqual([{ method: "DELETE", path: `/mutes/${MUTE.id}`, body: "" }]),
  );
});
