// SPDX-License-Identifier: Apache-2.0
import { beforeEach, expect, test } from "vitest";
import { move } from "@/features/artifacts/treeKeys";

let tree: HTMLElement;
let clicked: string[];

beforeEach(() => {
  clicked = [];
  document.body.innerHTML = `
    <div role="tree">
      <div role="treeitem" id="a" tabindex="0" aria-level="1" aria-expanded="true">
        <button data-fold="a"></button><a href="#a"></a>
      </div>
      <div><div role="treeitem" id="b" tabindex="-1" aria-level="2" aria-expanded="false">
        <button data-fold="b"></button><a href="#b"></a>
      </div></div>
      <div role="treeitem" id="c" tabindex="-1" aria-level="1"><a href="#c"></a></div>
    </div>`;
  tree = document.querySelector('[role="tree"]') as HTMLElement;
  for (const element of tree.querySelectorAll<HTMLElement>("button, a")) {
    element.onclick = () => clicked.push(element.dataset.fold ?? element.getAttribute("href") ?? "");
  }
});

function press(from: string, ...keys: string[]): string | undefined {
  document.getElementById(from)?.focus();
  for (const key of keys) move(tree, key);
  return document.activeElement?.id;
}

test.each([
  ["a", "ArrowDown", "b"],
  ["b", "ArrowDown", "c"],
  ["c", "ArrowDown", "c"],
  ["c", "ArrowUp", "b"],
  ["c", "Home", "a"],
  ["a", "End", "c"],
  ["b", "ArrowLeft", "a"],
  ["c", "ArrowLeft", "c"],
  ["a", "ArrowRight", "b"],
  ["c", "ArrowRight", "c"],
])("from %s, %s leads to %s", (from, key, to) => {
  expect(press(from, key)).toBe(to);
});

test("the arrow to the right unfolds what is folded, and that to the left folds what is unfolded", () => {
  press("b", "ArrowRight");
  press("a", "ArrowLeft");

  expect(clicked).toEqual(["b", "a"]);
});

test("Enter opens the link of the item itself", () => {
  press("b", "Enter");

  expect(clicked).toEqual(["#b"]);
});

test("other keys, and keys outside of items, mean nothing", () => {
  document.getElementById("a")?.focus();

  expect(move(tree, "x")).toBe(false);
  tree.querySelector<HTMLElement>("a")?.focus();
  expect(move(tree, "ArrowDown")).toBe(false);
});
