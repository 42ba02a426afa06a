// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { type Column, Command, Empty, EndlessTable, formatNumber, Moment, Principal, Until } from "@/ui";
import { inUse as text } from "@/words/in-use";
import { type Cluster, useClusters } from "./queries";

const { columns } = text;
const NARROW = { isHiddenWhenNarrow: true };

const COLUMNS: Column<Cluster>[] = [
  { id: "cluster", header: columns.cluster, cell: ({ row }) => row.original.cluster },
  {
    id: "running",
    header: columns.running,
    cell: ({ row }) => formatNumber(row.original.running),
    meta: { isNumber: true },
  },
  {
    id: "reported",
    header: columns.reported,
    cell: ({ row }) => <Moment at={row.original.reported_at} />,
    meta: NARROW,
  },
  {
    id: "by",
    header: columns.by,
    cell: ({ row }) => <Principal identity={row.original.reported_by} />,
    meta: NARROW,
  },
  { id: "until", header: columns.until, cell: ({ row }) => <Until at={row.original.until} /> },
];

/** The clusters that say what they run. */
export default function ClustersTab() {
  return (
    <Stack>
      <Text c="dimmed">{text.about}</Text>
      <EndlessTable
        label={text.list}
        list={useClusters()}
        columns={COLUMNS}
        keyOf={(each) => each.cluster}
        empty={
          <Stack>
            <Empty title={text.none} text={text.noneHint} />
            <Command text={text.command} what={text.what} />
          </Stack>
        }
      />
    </Stack>
  );
}
