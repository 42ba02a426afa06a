// SPDX-License-Identifier: Apache-2.0
/** Columns that many lists have. */

import type { RowData } from "@tanstack/react-table";
import type { ReactNode } from "react";
import { words } from "@/words";
import type { Column } from "./EndlessTable";
import { Principal } from "./Principal";
import { Moment } from "./Shown";

/** Since when something is so, and by whom; left out where there is little room. */
export function sinceAndBy<Item extends RowData>(
  headers: { since: string; by: string },
  of: (item: Item) => readonly [at: string, by: string],
): Column<Item>[] {
  const meta = { isHiddenWhenNarrow: true };
  return [
    { id: "since", header: headers.since, meta, cell: ({ row }) => <Moment at={of(row.original)[0]} /> },
    { id: "by", header: headers.by, meta, cell: ({ row }) => <Principal identity={of(row.original)[1]} /> },
  ];
}

/** What can be done with a row. */
export function actionsColumn<Item extends RowData>(actionsOf: (item: Item) => ReactNode): Column<Item> {
  return {
    id: "actions",
    header: words.ui.actions,
    meta: { isNumber: true },
    cell: ({ row }) => actionsOf(row.original),
  };
}
