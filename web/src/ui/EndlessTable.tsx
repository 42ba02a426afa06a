// SPDX-License-Identifier: Apache-2.0
/** A list of the API as a table: loaded page by page while scrolling, drawn only where it is seen, sorted by the server. */

import { Button, Stack } from "@mantine/core";
import type { InfiniteData, UseInfiniteQueryResult } from "@tanstack/react-query";
import { type ColumnDef, FlexRender, type RowData, tableFeatures, useTable } from "@tanstack/react-table";
import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useMemo, useRef } from "react";
import type { PageOf } from "@/api";
import { counted, words } from "@/words";
import { SortHeader } from "./SortHeader";
import { Failure, Loading, Refusal } from "./states";
import classes from "./ui.module.css";

/** The height of a row of one line, exactly: each row of another height has all places below it reckoned anew. */
const ROW_PX = 44;
const AHEAD = 20;

interface Meta {
  /** What the API calls the order by this column, such as `updated`. Columns without it cannot be sorted by. */
  sort?: string;
  isNumber?: boolean;
  /** Left out where there is little room. */
  isHiddenWhenNarrow?: boolean;
}

const features = tableFeatures({ columnMeta: {} as Meta });

/** A column of an endless table. */
export type Column<Item extends RowData> = ColumnDef<typeof features, Item, unknown>;

interface Properties<Item extends RowData> {
  /** What the table lists, for those who do not see it. */
  label: string;
  list: UseInfiniteQueryResult<InfiniteData<PageOf<Item>>>;
  /** Of stable identity: made outside the component, or in `useMemo`. */
  columns: Column<Item>[];
  keyOf: (item: Item) => string;
  /** Shown when there is nothing. */
  empty: ReactNode;
  /** The order, as the API writes it: `name`, or `-name` for descending. */
  sort?: string;
  onSort?: (sort: string) => void;
}

export function EndlessTable<Item extends RowData>({
  label,
  list,
  columns,
  keyOf,
  empty,
  sort,
  onSort,
}: Properties<Item>) {
  const frame = useRef<HTMLDivElement>(null);
  const items = useMemo(() => list.data?.pages.flatMap((each) => each.items) ?? [], [list.data]);
  const virtual = useVirtualizer({
    count: items.length,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW_PX,
    overscan: AHEAD / 2,
  });
  const drawn = virtual.getVirtualItems();
  const first = drawn[0]?.index ?? 0;
  const last = drawn.at(-1)?.index ?? -1;
  // The table is made of what is drawn: its cost does not grow with the list.
  const data = useMemo(() => items.slice(first, last + 1), [items, first, last]);
  const table = useTable({ features, columns, data, getRowId: keyOf });
  const { fetchNextPage, hasNextPage, isFetchingNextPage, isError } = list;
  useEffect(() => {
    // Not after a failure, or it would be asked for without end: the foot offers to.
    const isFree = hasNextPage && !isFetchingNextPage && !isError;
    if (isFree && last >= items.length - AHEAD) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, isError, last, items.length, fetchNextPage]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: another order begins at its top
  useEffect(() => {
    // In a block: newer browsers return a promise here, which React would take for what cleans up.
    frame.current?.scrollTo({ top: 0 });
  }, [sort]);

  if (list.isPending) return <Loading />;
  if (isError && !items.length) return <Failure error={list.error} retry={() => void list.refetch()} />;
  // A page of a filtered list may be empty although there are more.
  if (!items.length) return hasNextPage ? <Loading /> : empty;
  const above = drawn[0]?.start ?? 0;
  const below = virtual.getTotalSize() - (drawn.at(-1)?.end ?? 0);
  return (
    <div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.table} ref={frame} tabIndex={0} aria-label={label}>
        <table aria-label={label} aria-rowcount={hasNextPage ? -1 : items.length + 1}>
          <thead>
            {table.getHeaderGroups().map((group) => (
              <tr key={group.id} aria-rowindex={1}>
                {group.headers.map((header) => (
                  <SortHeader
                    key={header.id}
                    meta={header.column.columnDef.meta}
                    sort={sort}
                    onSort={onSort}
                    label={String(header.column.columnDef.header ?? "")}
                  />
                ))}
              </tr>
            ))}
          </thead>
          <tbody>
            {above > 0 && <Space height={above} columns={columns.length} />}
            {table.getRowModel().rows.map((row) => (
              <tr
                key={row.id}
                data-index={first + row.index}
                ref={virtual.measureElement}
                aria-rowindex={first + row.index + 2}
              >
                {row.getAllCells().map((cell) => (
                  <td key={cell.id} className={cellClass(cell.column.columnDef.meta)}>
                    <FlexRender cell={cell} />
                  </td>
                ))}
              </tr>
            ))}
            {below > 0 && <Space height={below} columns={columns.length} />}
          </tbody>
        </table>
      </section>
      <Foot list={list} loaded={counted(items.length, words.ui.rows)} />
    </div>
  );
}

/** Says how much there is, and what could not be had, with a way to ask again. */
function Foot<Item extends RowData>({ list, loaded }: Pick<Properties<Item>, "list"> & { loaded: string }) {
  const { error, hasNextPage, isFetchNextPageError, isFetchingNextPage } = list;
  const seen = hasNextPage ? words.ui.moreRows(loaded) : loaded;
  const again = () => void (isFetchNextPageError ? list.fetchNextPage() : list.refetch());
  return (
    <>
      <div className={classes.foot} role="status">
        {isFetchingNextPage ? words.ui.loadingMore : seen}
      </div>
      {error && (
        <Stack gap="xs" align="flex-start">
          <Refusal error={error} />
          <Button variant="default" size="xs" onClick={again}>
            {words.ui.tryAgain}
          </Button>
        </Stack>
      )}
    </>
  );
}

function Space({ height, columns }: { height: number; columns: number }) {
  return (
    <tr>
      <td colSpan={columns} style={{ height, padding: 0, border: 0 }} />
    </tr>
  );
}

export function cellClass(meta: Meta | undefined): string {
  return [meta?.isNumber && classes.number, meta?.isHiddenWhenNarrow && classes.narrowHidden]
    .filter(Boolean)
    .join(" ");
}
