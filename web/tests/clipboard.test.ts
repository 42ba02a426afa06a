// SPDX-License-Identifier: Apache-2.0
import { afterEach, expect, test, vi } from "vitest";
import { copyText } from "@/ui/clipboard";

afterEach(() => {
  document.body.replaceChildren();
});

test("without a clipboard, as on plain HTTP, the text is selected and copied", async () => {
  let selected = "";
  Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
  document.execCommand = vi.fn(() => {
    selected = document.querySelector("textarea")?.value ?? "";
    return true;
  });

  const isCopied = await copyText("sha256:00");

  expect([isCopied, selected, document.querySelector("textarea")]).toEqual([true, "sha256:00", null]);
});

test("what could not be copied is not said to be", async () => {
  Object.defineProperty(navigator, "clipboard", { value: undefined, configurable: true });
  document.execCommand = vi.fn(() => false);

  expect(await copyText("x")).toBe(false);
});
