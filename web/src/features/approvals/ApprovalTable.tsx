// SPDX-License-Identifier: Apache-2.0
import { Badge, Code, Group, Text } from "@mantine/core";
import { actionsColumn, type Column, Empty, EndlessTable, Moment, Principal } from "@/ui";
import { words } from "@/words";
import { Decide } from "./Decide";
import { type Approval, type Listed, useApprovals } from "./queries";
import { Withdraw } from "./Withdraw";

const text = words.approvals;

const COLUMNS: Column<Approval>[] = [
  { id: "what", header: text.columns.what, cell: ({ row }) => <What approval={row.original} /> },
  {
    id: "state",
    header: text.columns.state,
    cell: ({ row: { original } }) => (
      <Badge variant="default" tt="none" fw={500} miw="max-content">
        {text.states[original.state]}
      </Badge>
    ),
  },
  {
    id: "by",
    header: text.columns.by,
    cell: ({ row }) => <Principal identity={row.original.requested_by} />,
  },
  {
    id: "decidedBy",
    header: text.columns.decidedBy,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => row.original.decided_by && <Principal identity={row.original.decided_by} />,
  },
  {
    id: "until",
    header: text.columns.until,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Moment at={row.original.ended_at ?? row.original.expires_at} />,
  },
  actionsColumn((approval) => <Acts approval={approval} />),
];

/** Approvals, and what the viewer may do about each. */
export function ApprovalTable({ list }: { list: Listed }) {
  return (
    <EndlessTable
      label={text.tabs[list]}
      list={useApprovals(list)}
      columns={COLUMNS}
      keyOf={(approval) => approval.id}
      empty={<Empty title={text.empty[list]} text={text.emptyHint[list]} />}
    />
  );
}

function What({ approval }: { approval: Approval }) {
  const { act, target, hours, reason, comment } = approval;
  return (
    <>
      <Text size="sm" fw={500}>
        {text.named(act)} <Code>{target}</Code> {hours !== null && text.forHours(hours)}
      </Text>
      <Text size="xs" c="dimmed">
        {[reason, comment].filter(Boolean).join(" · ")}
      </Text>
    </>
  );
}

function Acts({ approval }: { approval: Approval }) {
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {approval.may_decide && approval.state === "pending" && (
        <Decide approval={approval} verdict="approve" />
      )}
      {approval.may_decide && <Decide approval={approval} verdict="reject" />}
      {approval.may_withdraw && <Withdraw approval={approval} />}
    </Group>
  );
}
