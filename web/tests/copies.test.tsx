// SPDX-License-Identifier: Apache-2.0
/** Asking for a copy of one artifact, and a server that answers. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { configure, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { StartCopy, tagsIn } from "@/features/copies/StartCopy";

const DIGEST = `sha256:${"0".repeat(64)}`;
const PREVIEW = {
  digest: DIGEST,
  tags: ["1.0"],
  manifests: [],
  manifest_count: 3,
  new_manifests: 2,
  new_blobs: 4,
  new_bytes: 2048,
  derived_tags: [],
  absent: [],
  kept_tags: [],
  warnings: [],
};

const asked: { path: string; body: Record<string, unknown> }[] = [];

configure({ asyncUtilTimeout: 10_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(() => {
  asked.length = 0;
});

function open(onEnd: () => void) {
  globalThis.fetch = (async (request: Request) => {
    const path = decodeURIComponent(new URL(request.url).pathname);
    asked.push({ path, body: JSON.parse(await request.text()) });
    return Response.json(path.endsWith(":preview") ? { items: [PREVIEW] } : {}, { status: 200 });
  }) as typeof fetch;
  const subject = {
    repository: "dev/app",
    digest: DIGEST,
    type: "image",
    mediaType: "",
    tag: "1.0",
    may: ["pull"],
  };
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <StartCopy subject={subject} onEnd={onEnd} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("what would come is shown before it is copied", async () => {
  open(() => {});

  await userEvent.type(screen.getByLabelText(/Repository/), "prod/app");
  await userEvent.click(screen.getByRole("button", { name: "What would come" }));

  expect((await screen.findByRole("status")).textContent).toContain("2 of 3 manifests are new");
  expect(asked).toEqual([
    {
      path: "/api/v1/repositories/dev/app/-/copies:preview",
      body: { target: "prod/app", digest: DIGEST, tags: ["1.0"], with_referrers: true, follow_hours: 24 },
    },
  ]);
});

test("a copy without what refers to it is not followed", async () => {
  const onEnd = vi.fn();
  open(onEnd);

  await userEvent.type(screen.getByLabelText(/Repository/), "prod/app");
  await userEvent.type(screen.getByLabelText(/^Tags/), " stable, 1");
  await userEvent.click(screen.getByRole("checkbox"));
  await userEvent.click(screen.getByRole("button", { name: "Copy" }));

  await vi.waitFor(() => expect(onEnd).toHaveBeenCalled());
  expect(asked[0]?.body).toEqual({
    target: "prod/app",
    digest: DIGEST,
    tags: ["1.0", "stable", "1"],
    with_referrers: false,
    follow_hours: 0,
  });
});

test("tags are told apart by spaces and commas, each once", () => {
  expect(tagsIn(" 1.0,stable  1.0 ")).toEqual(["1.0", "stable"]);
  expect(tagsIn("")).toEqual([]);
});
