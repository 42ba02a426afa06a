// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { type Column, Empty, EndlessTable, formatNumber, Moment, Principal } from "@/ui";
import { garbage } from "@/words/garbage";
import { Total } from "./AmountList";
import { type Run, useRuns } from "./queries";
import { RunState } from "./RunState";

const text = garbage.runs;

const COLUMNS: Column<Run>[] = [
  {
    id: "state",
    header: text.state,
    cell: ({ row }) => <RunState run={row.original} />,
  },
  { id: "started", header: text.started, cell: ({ row }) => <Moment at={row.original.started_at} /> },
  { id: "freed", header: text.freed, cell: ({ row }) => <Total amounts={row.original.deleted} /> },
  {
    id: "dead",
    header: text.dead,
    cell: ({ row }) => <Total amounts={row.original.dead} />,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "kept",
    header: text.kept,
    cell: ({ row }) => formatNumber(Object.values(row.original.kept).reduce((sum, count) => sum + count, 0)),
    meta: { isNumber: true, isHiddenWhenNarrow: true },
  },
  {
    id: "cause",
    header: text.cause,
    cell: ({ row }) => <Principal identity={row.original.cause} />,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "error",
    header: text.error,
    cell: ({ row: { original } }) => (
      <Text size="sm" lineClamp={1} maw={320} title={original.error || undefined}>
        {original.error}
      </Text>
    ),
    meta: { isHiddenWhenNarrow: true },
  },
];

export default function RunsTab() {
  const runs = useRuns();
  return (
    <EndlessTable
      label={text.label}
      list={runs}
      columns={COLUMNS}
      keyOf={(run) => run.id}
      empty={<Empty title={text.none} text={text.noneHint} />}
    />
  );
}
