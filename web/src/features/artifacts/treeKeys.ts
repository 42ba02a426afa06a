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
  ArrowLeft: (at, items) => {
    if (isUnfolded(at)) fold(at);
    else above(at, items)?.focus();
  },
  Enter: (at) => at.querySelector<HTMLElement>("a, [data-more]")?.click(),
};

/** The one that it is below of. */
function above(item: HTMLElement, items: HTMLElement[]): HTMLElement | undefined {
  return items.slice(0, items.indexOf(item)).findLast((each) => levelOf(each) < levelOf(item));
}

function levelOf(item: HTMLElement): number {
  return Number(item.getAttribute("aria-level"));
}

function isFolded(item: HTMLElement): boolean {
  return item.getAttribute("aria-expanded") === "false";
}

function isUnfolded(item: HTMLElement): boolean {
  return item.getAttribute("aria-expanded") === "true";
}

function fold(item: HTMLElement): void {
  item.querySelector<HTMLElement>("[data-fold]")?.click();
}
