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
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <State approval={row.original} />,
  },
  {
    id: "by",
    header: text.columns.by,
    meta: { isHiddenWhenNarrow: true },
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

function State({ approval: { state } }: { approval: Approval }) {
  return (
    <Badge variant="default" tt="none" fw={500} miw="max-content">
      {text.states[state]}
    </Badge>
  );
}

/** What was asked for, and why; on a phone how it stands and by whom, too. */
function What({ approval }: { approval: Approval }) {
  const { act, target, hours, reason, comment, requested_by } = approval;
  return (
    <>
      <Text size="sm" fw={500}>
        {text.named(act)} <Code>{target}</Code> {hours !== null && text.forHours(hours)}
      </Text>
      <Text size="xs" c="dimmed">
        {[reason, comment].filter(Boolean).join(" · ")}
      </Text>
      <Group gap={6} hiddenFrom="sm">
        <State approval={approval} />
        <Principal identity={requested_by} />
      </Group>
    </>
  );
}

function Acts({ approval }: { approval: Approval }) {
  return (
    <Group gap={4} justify="flex-end">
      {approval.may_decide && approval.state === "pending" && (
        <Decide approval={approval} verdict="approve" />
      )}
      {approval.may_decide && <Decide approval={approval} verdict="reject" />}
      {approval.may_withdraw && <Withdraw approval={approval} />}
    </Group>
  );
}
