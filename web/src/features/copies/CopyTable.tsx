// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Stack, Text } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactNode, useMemo } from "react";
import { repositoryAddress } from "@/shell/addresses";
import { type Column, Empty, EndlessTable, Moment, Principal, shortDigest, tellRefused, Until } from "@/ui";
import { copies as text } from "@/words/copies";
import { type Copy, cancelCopy, useCopiesOfRepository, useRenewal } from "./queries";

const { columns } = text;
const NARROW = { isHiddenWhenNarrow: true };
const COLOURS = { running: "blue", done: "green", failed: "red", cancelled: "gray" } as const;

function columnsFor(repository: string): Column<Copy>[] {
  return [
    { id: "what", header: columns.what, cell: ({ row }) => <What copy={row.original} /> },
    {
      id: "where",
      header: columns.where,
      cell: ({ row }) => <Where copy={row.original} here={repository} />,
    },
    {
      id: "state",
      header: columns.state,
      cell: ({ row }) => <State copy={row.original} here={repository} />,
    },
    {
      id: "by",
      header: columns.by,
      cell: ({ row }) => (
        <>
          <Principal identity={row.original.requested_by} />
          <Text size="sm" c="dimmed" component="div">
            <Moment at={row.original.requested_at} />
          </Text>
        </>
      ),
      meta: NARROW,
    },
  ];
}

/** The copies from and into a repository, the newest first. */
export function CopyTable({ repository, children }: { repository: string; children?: ReactNode }) {
  const list = useCopiesOfRepository(repository);
  const shown = useMemo(() => columnsFor(repository), [repository]);
  return (
    <Stack>
      <Text c="dimmed">{text.about}</Text>
      {children}
      <EndlessTable
        label={text.list}
        list={list}
        columns={shown}
        keyOf={(copy) => copy.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function What({ copy: { artifacts } }: { copy: Copy }) {
  const named = artifacts.slice(0, 3).map(({ digest, tag, tags }) => tag ?? tags[0] ?? shortDigest(digest));
  const rest = artifacts.length - named.length;
  return (
    <span style={{ overflowWrap: "anywhere" }}>
      {named.join(", ")}
      {rest > 0 && ` ${text.more(rest)}`}
    </span>
  );
}

function Where({ copy: { source, target }, here }: { copy: Copy; here: string }) {
  const isOut = source === here;
  const other = isOut ? target : source;
  return (
    <>
      {isOut ? text.to : text.from} <Link to={repositoryAddress(other) as "/"}>{other}</Link>
    </>
  );
}

function State({ copy, here }: { copy: Copy; here: string }) {
  return (
    <Stack gap={2} align="flex-start">
      <Badge variant="light" color={COLOURS[copy.state]} tt="none" miw="max-content">
        {text.states[copy.state]}
      </Badge>
      <Text size="sm" c="dimmed" component="div">
        {copy.state === "done" && text.brought(copy.manifests, copy.late_manifests)}
        {copy.reason}
      </Text>
      {copy.is_followed && copy.follow_until !== null && (
        <Text size="sm" c="dimmed" component="div">
          {text.followed} <Until at={copy.follow_until} />
        </Text>
      )}
      {(copy.state === "running" || copy.is_followed) && <Cancel copy={copy} here={here} />}
    </Stack>
  );
}

function Cancel({ copy, here }: { copy: Copy; here: string }) {
  const renew = useRenewal(here);
  const act = copy.state === "running" ? text.cancel : text.unfollow;
  const acting = useMutation({
    mutationFn: () => cancelCopy(copy),
    onSuccess: renew,
    onError: (error: unknown) => tellRefused(error, act),
  });
  return (
    <Button size="compact-sm" variant="default" loading={acting.isPending} onClick={() => acting.mutate()}>
      {act}
    </Button>
  );
}
