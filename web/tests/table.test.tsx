// SPDX-License-Identifier: Apache-2.0
/** A list whose later pages may fail, as a table. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider, useInfiniteQuery } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { api, pages } from "@/api";
import { type Column, EndlessTable } from "@/ui";
import { words } from "@/words";

const COLUMNS: Column<{ name: string }>[] = [
  { id: "name", header: "Name", cell: ({ row }) => row.original.name },
];
const NEXT = { link: '</api/v1/projects?cursor=one>; rel="next"' };

const ask = vi.fn<(cursor: string) => Response>();

beforeEach(() => {
  // What the table asks to know how many rows there is room for, and happy-dom has not.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 800, configurable: true });
  ask.mockReset();
  globalThis.fetch = (async (request: Request) =>
    ask(new URL(request.url).searchParams.get("cursor") ?? "")) as typeof fetch;
});

function List() {
  const list = useInfiniteQuery(
    pages(["names"], (cursor) => api.GET("/api/v1/projects", { params: { query: { cursor } } })),
  );
  return <EndlessTable label="Names" list={list} columns={COLUMNS} keyOf={({ name }) => name} empty="none" />;
}

function show(): QueryClient {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <List />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return queries;
}

function listed(name: string, headers: HeadersInit = {}): Response {
  return Response.json({ items: [{ name }] }, { headers });
}

function refused(): Response {
  return Response.json(
    { code: "denied", status: 403, detail: "you may not", request_id: "r" },
    { status: 403 },
  );
}

test("a page that fails is asked for again by who looks, and not by itself", async () => {
  ask.mockImplementation((cursor) => (cursor ? refused() : listed("one", NEXT)));
  show();
  await screen.findByText("You may not.");
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(ask).toHaveBeenCalledTimes(2);

  ask.mockImplementation((cursor) => listed(cursor ? "two" : "one", cursor ? {} : NEXT));
  await userEvent.click(screen.getByRole("button", { name: words.ui.tryAgain }));

  await screen.findByText("two");
  expect(screen.queryByText("You may not.")).toBeNull();
});

test("what could not be asked for anew stays, and it is said", async () => {
  ask.mockImplementation(() => listed("one"));
  const queries = show();
  await screen.findByText("one");

  ask.mockImplementation(refused);
  await queries.invalidateQueries();

  await screen.findByText("You may not.");
  screen.getByText("one");
});
