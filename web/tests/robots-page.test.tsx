// SPDX-License-Identifier: Apache-2.0
/** The page of robots by itself, at a registry without projects. */

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
import { render, screen } from "@testing-library/react";
import { beforeEach, expect, test } from "vitest";
import { projects } from "@/features/projects";
import RobotsPage from "@/features/robots/RobotsPage";
import { MountedFeatures } from "@/shell/mounted";
import { words } from "@/words";

const asked: string[] = [];

beforeEach(() => {
  asked.length = 0;
  globalThis.fetch = (async (request: Request) => {
    asked.push(new URL(request.url).searchParams.get("project") ?? "");
    return Response.json({ items: [] });
  }) as typeof fetch;
});

function open(may: string[]) {
  const root = createRootRoute({ component: Outlet });
  const page = createRoute({ getParentRoute: () => root, path: "/", component: RobotsPage });
  const router = createRouter({ routeTree: root.addChildren([page]), history: createMemoryHistory() });
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryDefaults(["session"], { staleTime: Number.POSITIVE_INFINITY });
  queries.setQueryData(["session"], { state: "complete", user: "otto", may });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <MountedFeatures value={[projects]}>
          <RouterProvider router={router as never} />
        </MountedFeatures>
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("without projects an administrator is shown the robots of the registry", async () => {
  open(["read-accounts", "administer"]);

  await screen.findByRole("button", { name: words.robots.create });
  expect(asked).toContain("_");
});

test("without projects others are told what robots belong to", async () => {
  open([]);

  await screen.findByText(words.robots.noProjects);
  expect(screen.queryByLabelText(words.robots.project)).toBeNull();
});
