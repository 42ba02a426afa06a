// SPDX-License-Identifier: Apache-2.0
/** What is said of acts that were refused, or reached nobody. */

import { MantineProvider } from "@mantine/core";
import { cleanNotifications, Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, test } from "vitest";
import { answer, api, askToProveAgain } from "@/api";
import { AccountMenu } from "@/shell/AccountMenu";
import { ProveAgain } from "@/shell/ProveAgain";
import { Refusal } from "@/ui";
import { words } from "@/words";

beforeEach(() => {
  globalThis.fetch = (async () => {
    throw new TypeError("Failed to fetch");
  }) as typeof fetch;
  const fonts = { addEventListener: () => {}, removeEventListener: () => {} };
  Object.defineProperty(document, "fonts", { value: fonts, configurable: true });
});

afterEach(() => {
  cleanNotifications();
  askToProveAgain(async () => false);
});

async function show(content: ReactNode): Promise<void> {
  const root = createRootRoute({ component: () => content });
  const router = createRouter({ routeTree: root, history: createMemoryHistory() });
  await router.load();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <Notifications />
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("an act that reached nobody says what to do, and no browser's words", async () => {
  const error = await answer(api.DELETE("/api/v1/session")).catch((caught: unknown) => caught);
  await show(<Refusal error={error} />);

  const told = await screen.findByRole("alert");
  expect(told.textContent).toContain(words.ui.unreachable);
  expect(told.textContent).toContain(words.ui.unreachableAct);
  expect(told.textContent).not.toContain("fetch");
});

test("who could not be logged out is told", async () => {
  await show(<AccountMenu name="alice" />);
  await userEvent.click(screen.getByRole("button", { name: words.shell.loggedInAs("alice") }));

  await userEvent.click(await screen.findByText(words.shell.logOut));

  await screen.findByText(words.shell.stillLoggedIn);
});

test("a security key that gives no answer leaves the other ways", async () => {
  globalThis.fetch = (async (request: Request) => {
    if (request.url.endsWith("/challenge")) throw new DOMException("the operation timed out", "AbortError");
    const body = { code: "reauthentication_needed", status: 403, detail: "no", request_id: "r" };
    return Response.json(body, { status: 403 });
  }) as typeof fetch;
  Object.defineProperty(window, "PublicKeyCredential", { value: class {}, configurable: true });
  Object.defineProperty(window, "isSecureContext", { value: true, configurable: true });
  await show(<ProveAgain methods={["webauthn", "totp"]} />);
  void answer(api.DELETE("/api/v1/session")).catch(() => undefined);

  await userEvent.click(await screen.findByRole("button", { name: words.shell.proveAgain.useKey }));

  await screen.findByText(words.sessions.logIn.factor.gaveUp);
});
