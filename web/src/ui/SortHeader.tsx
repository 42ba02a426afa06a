// SPDX-License-Identifier: Apache-2.0
import { VisuallyHidden } from "@mantine/core";
import { IconArrowDown, IconArrowsSort, IconArrowUp } from "@tabler/icons-react";
import { words } from "@/words";
import classes from "./ui.module.css";

interface Properties {
  label: string;
  meta?: { sort?: string; isNumber?: boolean; isHiddenWhenNarrow?: boolean };
  sort?: string;
  onSort?: (sort: string) => void;
}

/** The head of a column; where the server can sort by it, a button that does, and turns the order when it does already. */
export function SortHeader({ label, meta, sort, onSort }: Properties) {
  const key = meta?.sort;
  const names = [meta?.isNumber && classes.number, meta?.isHiddenWhenNarrow && classes.narrowHidden];
  const className = names.filter(Boolean).join(" ");
  if (!key || !onSort) {
    return (
      <th scope="col" className={className}>
        {label || <VisuallyHidden>{words.ui.actions}</VisuallyHidden>}
      </th>
    );
  }
  const isSorted = sort === key || sort === `-${key}`;
  const isDescending = sort === `-${key}`;
  const Icon = !isSorted ? IconArrowsSort : isDescending ? IconArrowDown : IconArrowUp;
  const order = !isSorted ? "none" : isDescending ? "descending" : "ascending";
  return (
    <th scope="col" className={className} aria-sort={order}>
      <button
        type="button"
        className={classes.sort}
        title={isSorted ? words.ui.sortedBy(label, isDescending) : words.ui.sortBy(label)}
        onClick={() => onSort(sort === `-${key}` ? key : `-${key}`)}
      >
        {label}
        <Icon size={14} aria-hidden />
      </button>
    </th>
  );
}
