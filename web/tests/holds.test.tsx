// SPDX-License-Identifier: Apache-2.0
/** The holds of one artifact, and a server that answers them; when holds end. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import ArtifactTab from "@/features/holds/ArtifactTab";
import type { Hold, Kind } from "@/features/holds/queries";
import { canEnd, dayIn, momentOf } from "@/features/holds/terms";

const DIGEST = `sha256:${"0".repeat(64)}`;
const HOLD: Hold = {
  id: "01KDZK3V8E8K5Z4Q6T6R9W2B7C",
  repository: "team/app",
  digest: DIGEST,
  tag: "1.0",
  kind: "legal",
  reason: "Case 4711",
  placed_at: "2026-01-01T00:00:00Z",
  placed_by: "user:ada",
  expires_at: null,
  is_in_force: true,
  released_at: null,
  released_by: null,
  release_reason: null,
};
const WHOLE: Hold = {
  ...HOLD,
  id: "01KDZK3V8E8K5Z4Q6T6R9W2B7D",
  digest: null,
  kind: "user",
  reason: "Audit",
};

const asked: { method: string; path: string; body: unknown }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  asked.length = 0;
});

function open(may: Kind[], items: Hold[]) {
  globalThis.fetch = (async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1/repositories/", "");
    const text = await request.text();
    asked.push({ method: request.method, path: decodeURIComponent(path), body: text && JSON.parse(text) });
    return Response.json(request.method === "GET" ? { items, may } : HOLD);
  }) as typeof fetch;
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const subject = { repository: "team/app", digest: DIGEST, type: "image", mediaType: "", may: [] };
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <ArtifactTab subject={subject} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

function sent() {
  return asked.filter(({ method }) => method === "POST");
}

test("holds are only changed by whoever may", async () => {
  open(["user"], [HOLD, WHOLE]);
  const rows = within(await screen.findByRole("list", { name: "Holds" })).getAllByRole("listitem");

  expect(rows.map((row) => row.textContent)).toEqual([
    expect.stringContaining("Legal holdCase 4711This artifactwithout an end"),
    expect.stringContaining("HoldAuditEverything in the repository"),
  ]);
  expect(screen.getAllByRole("button", { name: /^Release the hold/ })).toHaveLength(1);
});

test("a hold takes a reason, and one of a user an end", async () => {
  open(["legal", "user"], []);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Place a hold" }));
  const dialog = await screen.findByRole("dialog");
  const place = within(dialog).getByRole("button", { name: "Place hold" });
  expect(place).toHaveProperty("disabled", true);
  await user.type(within(dialog).getByLabelText(/^Reason/), "Case 4711");
  await user.clear(within(dialog).getByLabelText(/^Until/));
  expect(place).toHaveProperty("disabled", true);
  await user.click(within(dialog).getByRole("radio", { name: "Legal hold" }));
  await user.click(place);

  const body = { kind: "legal", reason: "Case 4711", expires_at: null, digest: DIGEST };
  await vi.waitFor(() => expect(sent()).toEqual([{ method: "POST", path: "team/app/-/holds", body }]));
});

test("a hold is released for a reason", async () => {
  open(["legal"], [HOLD]);
  const user = userEvent.setup();
  await user.click(await screen.findByRole("button", { name: "Release the hold: Case 4711" }));
  const dialog = await screen.findByRole("dialog");
  await user.type(within(dialog).getByLabelText(/^Why/), "closed");
  await user.click(within(dialog).getByRole("button", { name: "Release hold" }));

  const path = `team/app/-/holds/${HOLD.id}:release`;
  await vi.waitFor(() => expect(sent()).toEqual([{ method: "POST", path, body: { reason: "closed" } }]));
});

test("an end is a day to come, within a year for users", () => {
  const now = new Date("2026-01-31T12:00:00Z");

  expect(dayIn(1, now)).toBe("2026-02-01");
  expect(momentOf("2026-02-01")).toBe("2026-02-01T00:00:00Z");
  expect(momentOf("")).toBeNull();
  expect(canEnd("user", "2026-01-31", now)).toBe(false);
  expect(canEnd("user", "2027-01-31", now)).toBe(true);
  expect(canEnd("user", "2028-01-31", now)).toBe(false);
  expect([canEnd("legal", "2028-01-31", now), canEnd("legal", "", now), canEnd("user", "", now)]).toEqual([
    true,
    true,
    false,
  ]);
});
