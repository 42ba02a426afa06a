// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ComponentProps, type ReactNode, useMemo } from "react";
import { artifactAddress, repositoryAddress } from "@/shell/addresses";
import { actionsColumn, type Column, Empty, EndlessTable, Principal, shortDigest } from "@/ui";
import { holds as text } from "@/words/holds";
import { Ending, KindBadge } from "./parts";
import type { Hold, Kind } from "./queries";
import { ChangeHold } from "./ReleaseHold";

const { columns } = text;
const NARROW = { isHiddenWhenNarrow: true };

function columnsFor(isOfOne: boolean, may: readonly Kind[]): Column<Hold>[] {
  return [
    { id: "what", header: columns.what, cell: ({ row }) => <What hold={row.original} isOfOne={isOfOne} /> },
    {
      id: "kind",
      header: columns.kind,
      cell: ({ row }) => <KindBadge kind={row.original.kind} />,
      meta: NARROW,
    },
    {
      id: "reason",
      header: columns.reason,
      cell: ({ row }) => (
        <Text inherit style={{ overflowWrap: "anywhere" }}>
          {row.original.reason}
        </Text>
      ),
    },
    { id: "until", header: columns.until, cell: ({ row }) => <Ending hold={row.original} /> },
    {
      id: "by",
      header: columns.by,
      cell: ({ row }) => <Principal identity={row.original.placed_by} />,
      meta: NARROW,
    },
    ...(may.length
      ? [actionsColumn<Hold>((hold) => may.includes(hold.kind) && <ChangeHold hold={hold} />)]
      : []),
  ];
}

interface Properties {
  list: ComponentProps<typeof EndlessTable<Hold>>["list"];
  about: string;
  /** Whether all are of the repository that is looked at. */
  isOfOne?: boolean;
  /** The kinds that the viewer may change here. */
  may?: readonly Kind[];
  children?: ReactNode;
}

const NONE: readonly Kind[] = [];

/** Holds, the newest first. */
export function HoldTable({ list, about, isOfOne = false, may = NONE, children }: Properties) {
  const shown = useMemo(() => columnsFor(isOfOne, may), [isOfOne, may]);
  return (
    <Stack>
      <Text c="dimmed">{about}</Text>
      {children}
      <EndlessTable
        label={text.list}
        list={list}
        columns={shown}
        keyOf={(hold) => hold.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function What({ hold: { repository, digest, tag }, isOfOne }: { hold: Hold; isOfOne: boolean }) {
  if (digest === null)
    return isOfOne ? text.whole : <Link to={repositoryAddress(repository) as "/"}>{repository}</Link>;
  const short = tag ?? shortDigest(digest);
  return (
    <Link to={artifactAddress(repository, digest) as "/"} title={digest}>
      {isOfOne ? short : `${repository}${tag ? ":" : "@"}${short}`}
    </Link>
  );
}
