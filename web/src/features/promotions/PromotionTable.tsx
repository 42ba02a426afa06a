// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ComponentProps } from "react";
import { repositoryAddress } from "@/shell/addresses";
import { actionsColumn, type Column, Empty, EndlessTable, Moment, Principal, shortDigest } from "@/ui";
import { promotions as text } from "@/words/promotions";
import { Decide } from "./Decide";
import type { Promotion } from "./queries";
import { Withdraw } from "./Withdraw";

const { columns } = text;
const NARROW = { isHiddenWhenNarrow: true };
const COLOURS = {
  waiting: "yellow",
  running: "blue",
  done: "green",
  failed: "red",
  refused: "red",
  withdrawn: "gray",
  expired: "gray",
} as const;

const COLUMNS: Column<Promotion>[] = [
  { id: "what", header: columns.what, cell: ({ row }) => <What promotion={row.original} /> },
  { id: "state", header: columns.state, cell: ({ row }) => <State promotion={row.original} /> },
  {
    id: "by",
    header: columns.by,
    meta: NARROW,
    cell: ({ row }) => <AskedBy promotion={row.original} />,
  },
  {
    id: "until",
    header: columns.until,
    meta: NARROW,
    cell: ({ row }) => <Moment at={row.original.ended_at ?? row.original.expires_at} />,
  },
  actionsColumn((promotion) => <Acts promotion={promotion} />),
];

interface Properties {
  list: ComponentProps<typeof EndlessTable<Promotion>>["list"];
  name: "waiting" | "all" | "here";
}

/** Promotions, the newest first, and what the viewer may do about each. */
export function PromotionTable({ list, name }: Properties) {
  return (
    <EndlessTable
      label={text.title}
      list={list}
      columns={COLUMNS}
      keyOf={(promotion) => promotion.id}
      empty={<Empty title={text.empty[name]} text={text.emptyHint[name]} />}
    />
  );
}

/** What a promotion is of, as people call it. */
export function named({ source, tag, digest }: Promotion): string {
  return tag === null ? `${source}@${shortDigest(digest)}` : `${source}:${tag}`;
}

function What({ promotion }: { promotion: Promotion }) {
  const { source, target, path, note } = promotion;
  return (
    <div style={{ overflowWrap: "anywhere" }}>
      <Text size="sm" fw={500}>
        <Link to={repositoryAddress(source) as "/"}>{named(promotion)}</Link> {text.to}{" "}
        <Link to={repositoryAddress(target) as "/"}>{target}</Link>
      </Text>
      <Text size="sm" c="dimmed">
        {text.along(path)}
      </Text>
      {note !== "" && <Text size="sm">{note}</Text>}
    </div>
  );
}

function AskedBy({ promotion: { requested_by, requested_at } }: { promotion: Promotion }) {
  return (
    <>
      <Principal identity={requested_by} />
      <Text size="sm" c="dimmed" component="div">
        <Moment at={requested_at} />
      </Text>
    </>
  );
}

/** How it stands, who has said what, and why it ended so. */
function State({ promotion: { state, approvals, decisions, reason } }: { promotion: Promotion }) {
  const given = decisions.filter(({ verdict }) => verdict === "approve").length;
  return (
    <Stack gap={2}>
      <Badge variant="light" color={COLOURS[state]} tt="none" miw="max-content">
        {text.states[state]}
      </Badge>
      {approvals !== null && approvals > 0 && (
        <Text size="sm" c="dimmed">
          {text.approved(given, approvals)}
        </Text>
      )}
      {decisions.map(({ by, verdict, note }) => (
        <Group key={by} gap={4}>
          <Principal identity={by} />
          <Text size="sm" c="dimmed">
            {[text.said[verdict], note].filter(Boolean).join(": ")}
          </Text>
        </Group>
      ))}
      {reason !== "" && state !== "refused" && (
        <Text size="sm" c="dimmed">
          {reason}
        </Text>
      )}
    </Stack>
  );
}

function Acts({ promotion }: { promotion: Promotion }) {
  return (
    <Group gap={4} justify="flex-end">
      {promotion.may_decide && <Decide promotion={promotion} verdict="approve" />}
      {promotion.may_decide && <Decide promotion={promotion} verdict="refuse" />}
      {promotion.may_withdraw && <Withdraw promotion={promotion} />}
    </Group>
  );
}
