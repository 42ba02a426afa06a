// SPDX-License-Identifier: Apache-2.0
/** The secrets of a robot by themselves, and a server that answers. */

import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, test } from "vitest";
import { RobotSecrets } from "@/features/robots/RobotSecrets";
import { words } from "@/words";

const text = words.robots.ownSecrets;
const SECRET = { id: "one", state: "live", created_at: "2026-11-22T13:00:00.250Z", last_used_at: null };

let uses = 0;

beforeEach(() => {
  // What the table asks to know how many rows there is room for, and happy-dom has not.
  Object.defineProperty(HTMLElement.prototype, "clientHeight", { value: 800, configurable: true });
  globalThis.fetch = (async () => {
    uses += 1;
    const last_used_from = `203.0.113.${uses}`;
    return Response.json({ items: [{ ...SECRET, last_used_at: SECRET.created_at, last_used_from }] });
  }) as typeof fetch;
});

test("a question stays open while the list behind it is asked for anew", async () => {
  const queries = new QueryClient();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <RobotSecrets robot="team.ci" />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await userEvent.click(await screen.findByRole("button", { name: text.revokeOf("one") }));
  await screen.findByText(text.revokeText);

  await queries.invalidateQueries();

  await screen.findByText(/203\.0\.113\.2/);
  screen.getByText(text.revokeText);
});
