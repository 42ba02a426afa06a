// SPDX-License-Identifier: Apache-2.0
import { Badge, Stack, Text } from "@mantine/core";
import { type Column, Empty, EndlessTable, Moment } from "@/ui";
import { words } from "@/words";
import { type Node, useNodes } from "./queries";

const text = words.system.nodes;

const COLUMNS: Column<Node>[] = [
  { id: "state", header: text.state, cell: ({ row }) => <State isAlive={row.original.is_alive} /> },
  { id: "host", header: text.host, accessorKey: "host" },
  { id: "pid", header: text.process, accessorKey: "pid", meta: { isNumber: true } },
  { id: "version", header: text.version, accessorKey: "version", meta: { isHiddenWhenNarrow: true } },
  {
    id: "started",
    header: text.started,
    cell: ({ row }) => <Moment at={row.original.started_at} />,
    meta: { isHiddenWhenNarrow: true },
  },
  { id: "seen", header: text.seen, cell: ({ row }) => <Moment at={row.original.seen_at} /> },
];

export default function NodesTab() {
  const nodes = useNodes();
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {text.about}
      </Text>
      <EndlessTable
        label={text.label}
        list={nodes}
        columns={COLUMNS}
        keyOf={(node) => node.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function State({ isAlive }: { isAlive: boolean }) {
  return (
    <Badge variant="dot" color={isAlive ? "teal" : "red"} tt="none" miw="max-content">
      {isAlive ? text.alive : text.gone}
    </Badge>
  );
}
