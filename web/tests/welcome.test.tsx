// SPDX-License-Identifier: Apache-2.0
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import WelcomePage from "@/features/invitations/WelcomePage";
import { words } from "@/words";

const text = words.invitations.welcome;
const PASSWORD = "a good password";

interface Sent {
  path: string;
  body: unknown;
}

/** Shows the page at an address, in front of a server that answers by path; returns what it is sent. */
function shown(address: string, answers: Record<string, [number, unknown]>): Sent[] {
  const sent: Sent[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    sent.push({ path: pathname, body: await request.json() });
    const [status, body] = answers[pathname] ?? [500, {}];
    return new Response(JSON.stringify(body), { status, headers: { "Content-Type": "application/json" } });
  });
  const root = createRootRoute();
  const routes = [
    createRoute({ getParentRoute: () => root, path: "/welcome", component: WelcomePage }),
    createRoute({ getParentRoute: () => root, path: "/login", component: () => "the login" }),
  ];
  const history = createMemoryHistory({ initialEntries: [address] });
  const router = createRouter({ routeTree: root.addChildren(routes), history });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return sent;
}

test("whoever follows the link chooses a name and a password, and is led to the login", async () => {
  const sent = shown("/welcome#invitation=abc", {
    "/api/v1/invitations:look": [200, { user_name: null, expires_at: "2026-01-31T12:00:00.250Z" }],
    "/api/v1/invitations:accept": [201, { name: "ada" }],
  });
  await userEvent.type(await screen.findByLabelText(text.name), "ada");
  await userEvent.type(screen.getByLabelText(text.password), PASSWORD);
  await userEvent.type(screen.getByLabelText(text.again), PASSWORD);

  await userEvent.click(screen.getByRole("button", { name: text.act }));

  expect(await screen.findByText("the login")).toBeDefined();
  expect(sent).toEqual([
    { path: "/api/v1/invitations:look", body: { secret: "abc" } },
    {
      path: "/api/v1/invitations:accept",
      body: { secret: "abc", user_name: "ada", password: PASSWORD },
    },
  ]);
});

test("a name that was chosen for somebody cannot be changed", async () => {
  shown("/welcome#invitation=abc", {
    "/api/v1/invitations:look": [200, { user_name: "ada", expires_at: "2026-01-31T12:00:00.250Z" }],
  });

  const field = (await screen.findByLabelText(text.name)) as HTMLInputElement;
  expect([field.value, field.readOnly]).toEqual(["ada", true]);
});

test("an invitation that is not good says so", async () => {
  shown("/welcome#invitation=abc", { "/api/v1/invitations:look": [404, { code: "invitation_not_good" }] });
  expect(await screen.findByText(text.notGood)).toBeDefined();
});

test("an address without a secret is told apart without asking the server", async () => {
  const sent = shown("/welcome", {});
  expect(await screen.findByText(text.notGood)).toBeDefined();
  expect(sent).toEqual([]);
});
