// SPDX-License-Identifier: Apache-2.0
import { Code } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Column, Empty, EndlessTable, Moment } from "@/ui";
import { words } from "@/words";
import classes from "./jobs.module.css";
import { type Schedule, useSchedules } from "./queries";

const text = words.jobs;
const columns = text.scheduleColumns;

const COLUMNS: Column<Schedule>[] = [
  { id: "name", header: columns.name, accessorKey: "name" },
  {
    id: "cron",
    header: columns.cron,
    cell: ({ row }) => (
      <Code className={classes.whole} title={text.cronHint}>
        {row.original.cron}
      </Code>
    ),
  },
  {
    id: "kind",
    header: columns.kind,
    cell: ({ row: { original } }) => (
      <Link to="/jobs" search={{ kind: original.kind } as never}>
        {original.kind}
      </Link>
    ),
    meta: { isHiddenWhenNarrow: true },
  },
  { id: "next", header: columns.next, cell: ({ row }) => <Moment at={row.original.next_run_at} /> },
  {
    id: "last",
    header: columns.last,
    cell: ({ row }) => <Moment at={row.original.last_run_at} />,
    meta: { isHiddenWhenNarrow: true },
  },
];

export default function SchedulesTab() {
  return (
    <EndlessTable
      label={text.scheduleLabel}
      list={useSchedules()}
      columns={COLUMNS}
      keyOf={(schedule) => schedule.name}
      empty={<Empty title={text.noSchedules} text={text.noSchedulesHint} />}
    />
  );
}
