// SPDX-License-Identifier: Apache-2.0
/** What becomes of Markdown that anybody may have written. */

import { MantineProvider } from "@mantine/core";
import { render, within } from "@testing-library/react";
import { afterEach, expect, test } from "vitest";
import { addressOf } from "@/ui/address";
import { Markdown } from "@/ui/Markdown";
import { plain, tokensOf } from "@/ui/markdown";
import { ATTACKS } from "./markdown-attacks";

const ELEMENTS =
  "a b blockquote br caption code col del div em h2 h3 h4 h5 h6 input label li ol p path pre span strong style svg table tbody td th thead tr ul".split(
    " ",
  );
const NOT_OURS = /^on|^srcdoc$|^ping$|^formaction$|^action$|^background$/;

afterEach(() => {
  expect((window as { attacked?: unknown }).attacked).toBeUndefined();
});

function shown(text: string): HTMLElement {
  const { container } = render(
    <MantineProvider env="test">
      <main>
        <Markdown text={text} />
      </main>
    </MantineProvider>,
  );
  return container.querySelector("main") as HTMLElement;
}

test.each(ATTACKS)("nothing of %j can run, load or lead astray", (text) => {
  const main = shown(text);

  for (const element of main.querySelectorAll("*")) {
    expect(ELEMENTS).toContain(element.tagName.toLowerCase());
    for (const name of element.getAttributeNames()) expect(name).not.toMatch(NOT_OURS);
  }
  expect(main.querySelector("[src], [srcset], [data], [poster]")).toBeNull();
  for (const link of main.querySelectorAll("a")) {
    expect(link.getAttribute("href")).toMatch(
      /^(https?:\/\/example\.com\/|https:\/\/evil\.example\/pixel\.png$)/,
    );
    expect(link.getAttribute("rel")).toContain("noreferrer");
  }
});

test("what people write is shown as they mean it", () => {
  const main = within(
    shown(
      "# Shop\n\nSells *things* & **more** &copy;, see [the page](https://example.com/a?b=1&c=2).\n\n" +
        "1. one\n2. two\n\n- [x] done\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n> said\n\n```sh\ndocker pull x\n```\n\n---\n",
    ),
  );

  expect(main.getByRole("heading", { name: "Shop", level: 2 })).toBeDefined();
  expect(main.getByRole("link", { name: "the page" }).getAttribute("href")).toBe(
    "https://example.com/a?b=1&c=2",
  );
  expect(main.getByText(/Sells/).textContent).toBe("Sells things & more ©, see the page.");
  expect(main.getAllByRole("listitem").map((item) => item.textContent?.trim())).toEqual([
    "one",
    "two",
    "done",
  ]);
  expect(main.getByRole("checkbox", { name: "Done" })).toHaveProperty("checked", true);
  expect(main.getByRole("columnheader", { name: "b" })).toBeDefined();
  expect(main.getByText("docker pull x")).toBeDefined();
});

test("HTML is the text that was written", () => {
  expect(shown("a <b>bold</b> word").textContent).toBe("a <b>bold</b> word");
  expect(shown("<div>\nx\n</div>").textContent).toContain("<div>");
});

test("an image is a link, and is not loaded", () => {
  const main = shown("![A picture](https://example.com/a.png)");

  expect(within(main).getByRole("link").textContent).toContain("A picture");
  expect(main.querySelector("img")).toBeNull();
});

test.each([
  ">",
  "> ",
  "1. ",
  "- > ",
  "*_",
  "_a",
  "[",
  "![",
  "`a``",
  "<a ",
  "&#",
  "[a](",
  "**a ",
  "| a ",
  "\\",
])("a text of %j only takes no time", (part) => {
  const text = part.repeat(65_536 / part.length);
  const begun = performance.now();
  const main = shown(text);

  expect(performance.now() - begun).toBeLessThan(5_000);
  expect(main.textContent).not.toBe("");
});

test("what is nested too deep is shown as it was written", () => {
  expect(tokensOf("> ".repeat(30_000))).toBeUndefined();
  expect(shown(`${"> ".repeat(40)}deep`).textContent).toContain("deep");
});

test("links lead to pages and mail only", () => {
  expect(addressOf("https://example.com/a")).toBe("https://example.com/a");
  expect(addressOf("mailto:a@example.com")).toBe("mailto:a@example.com");
  for (const href of ["/a", "a", "#a", "//a.example", "javascript:x", "data:x", "https://u:p@a.example", ""])
    expect(addressOf(href)).toBeUndefined();
});

test("character references are resolved once", () => {
  expect(plain("&lt;b&gt; &amp;lt; &#65;&#x42; &unknown; &#0; &#9999999;")).toBe(
    "<b> &lt; AB &unknown; &#0; &#9999999;",
  );
});
