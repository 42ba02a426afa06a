// SPDX-License-Identifier: Apache-2.0
/** The keys of a tree (ARIA Authoring Practices, "Tree View"), on the elements that are drawn. */

const ITEM = '[role="treeitem"]';

/** Do what `key` means where the focus is; false when it means nothing to a tree. */
export function move(tree: HTMLElement, key: string): boolean {
  const at = document.activeElement;
  if (!(at instanceof HTMLElement) || at.getAttribute("role") !== "treeitem") return false;
  const items = [...tree.querySelectorAll<HTMLElement>(ITEM)];
  const step = STEPS[key];
  if (!step) return false;
  step(at, items);
  return true;
}

type Step = (at: HTMLElement, items: HTMLElement[]) => void;

const STEPS: Record<string, Step> = {
  ArrowDown: (at, items) => items[items.indexOf(at) + 1]?.focus(),
  ArrowUp: (at, items) => items[items.indexOf(at) - 1]?.focus(),
  Home: (_, items) => items[0]?.focus(),
  End: (_, items) => items.at(-1)?.focus(),
  ArrowRight: (at, items) => {
    if (isFolded(at)) fold(at);
    else if (isUnfolded(at)) items[items.indexOf(at) + 1]?.focus();
  },
  ArrowLeft: (at) => {
    if (isUnfolded(at)) fold(at);
    else at.parentElement?.closest<HTMLElement>(ITEM)?.focus();
  },
  Enter: (at) => at.querySelector<HTMLElement>("a, [data-more]")?.click(),
};

function isFolded(item: HTMLElement): boolean {
  return item.getAttribute("aria-expanded") === "false";
}

function isUnfolded(item: HTMLElement): boolean {
  return item.getAttribute("aria-expanded") === "true";
}

function fold(item: HTMLElement): void {
  item.querySelector<HTMLElement>("[data-fold]")?.click();
}
