// SPDX-License-Identifier: Apache-2.0
/** A dialog that makes a secret, and a server that takes its time. */

import { MantineProvider } from "@mantine/core";
import { QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { beforeEach, expect, test } from "vitest";
import { createQueries } from "@/shell/queries";
import { DialogForm, Secret, SecretDialog } from "@/ui";
import { words } from "@/words";

let settle: { resolve: (secret: string) => void; reject: (error: Error) => void };

beforeEach(() => {
  const fonts = { addEventListener: () => {}, removeEventListener: () => {} };
  Object.defineProperty(document, "fonts", { value: fonts, configurable: true });
});

function Maker() {
  const [isOpen, setOpen] = useState(true);
  return (
    <SecretDialog<string>
      title={() => "Make a secret"}
      isOpen={isOpen}
      onClose={() => setOpen(false)}
      ask={(show, close) => (
        <DialogForm act="Make" run={make} onDone={show} onCancel={close}>
          {null}
        </DialogForm>
      )}
      shown={(secret, close) => <Secret value={secret} what="secret" onDone={close} />}
    />
  );
}

function make(): Promise<string> {
  return new Promise((resolve, reject) => {
    settle = { resolve, reject };
  });
}

function show() {
  const queries = createQueries();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <Maker />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { user: userEvent.setup(), queries };
}

test("what is under way is not left: what comes of it would be seen by nobody", async () => {
  const { user } = show();
  await user.click(await screen.findByRole("button", { name: "Make" }));

  await user.keyboard("{Escape}");
  for (const name of [words.ui.cancel, words.ui.close])
    await user.click(screen.getByRole("button", { name }));
  settle.resolve("s3cret");

  await screen.findByText("s3cret");
});

test("what was refused can be left", async () => {
  const { user } = show();
  await user.click(await screen.findByRole("button", { name: "Make" }));
  settle.reject(new Error("no"));
  await screen.findByRole("alert");

  await user.click(screen.getByRole("button", { name: words.ui.close }));

  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
});

test("a secret is forgotten with the dialog that showed it", async () => {
  const { user, queries } = show();
  await user.click(await screen.findByRole("button", { name: "Make" }));
  settle.resolve("s3cret");
  await screen.findByText("s3cret");

  await user.click(screen.getByRole("button", { name: words.ui.done }));

  await expect.poll(() => queries.getMutationCache().getAll()).toEqual([]);
});
