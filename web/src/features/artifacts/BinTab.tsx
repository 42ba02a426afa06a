// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMemo, useState } from "react";
import type { RepositorySubject } from "@/shell/feature";
import { useMay } from "@/shell/session";
import { type Column, Confirm, Digest, Empty, EndlessTable, Moment, Principal, shortDigest } from "@/ui";
import { words } from "@/words";
import { bin } from "@/words/bin";
import { Type } from "./Badges";
import { PurgeArtifact } from "./PurgeArtifact";
import { type BinItem, restoreArtifact, useBin } from "./queries";
import { mayRestore, useRenewal } from "./useRemoval";

const texts = words.artifacts.bin;

interface Offers {
  repository: string;
  mayRestore: boolean;
  mayPurge: boolean;
  restore: (item: BinItem) => void;
}

function columnsFor(offers: Offers): Column<BinItem>[] {
  return [
    {
      id: "digest",
      header: texts.columns.digest,
      cell: ({ row }) => <Digest value={row.original.digest} />,
    },
    {
      id: "type",
      header: texts.columns.type,
      cell: ({ row }) => <Type type={row.original.type} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "tags",
      header: texts.columns.tags,
      cell: ({ row }) => row.original.tags.join(", ") || <Dimmed text={texts.noTags} />,
    },
    {
      id: "deleted",
      header: texts.columns.deleted,
      cell: ({ row }) => <Moment at={row.original.deleted_at} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "by",
      header: texts.columns.by,
      cell: ({ row: { original: item } }) =>
        item.deleted_by ? <Principal identity={item.deleted_by} /> : <Dimmed text={texts.unknown} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "until",
      header: texts.columns.until,
      cell: ({ row }) => <Final item={row.original} />,
    },
    ...(offers.mayRestore || offers.mayPurge ? [acting(offers)] : []),
  ];
}

/** When it is purged: not before the hold on it ends. */
function Final({ item: { hold, restorable_until: until } }: { item: BinItem }) {
  if (!hold) return <Moment at={until} />;
  return (
    <Badge variant="light" color={hold.kind === "legal" ? "red" : "orange"} tt="none" title={hold.reason}>
      {bin.held[hold.kind]}
    </Badge>
  );
}

function acting({ repository, mayRestore, mayPurge, restore }: Offers): Column<BinItem> {
  return {
    id: "actions",
    header: "",
    cell: ({ row: { original: item } }) => (
      <Group gap={4} justify="flex-end" wrap="nowrap">
        {mayRestore && (
          <Button size="compact-sm" variant="default" onClick={() => restore(item)}>
            {texts.restore}
          </Button>
        )}
        {mayPurge && !item.hold && <PurgeArtifact repository={repository} digest={item.digest} />}
      </Group>
    ),
    meta: { isNumber: true },
  };
}

export default function BinTab({ subject }: { subject: RepositorySubject }) {
  const list = useBin(subject.name);
  const renew = useRenewal(subject.name);
  const [chosen, choose] = useState<BinItem>();
  const mayPurge = useMay("administer");
  const { name: repository, may } = subject;
  const columns = useMemo(
    () => columnsFor({ repository, mayRestore: mayRestore(may), mayPurge, restore: choose }),
    [repository, may, mayPurge],
  );
  const restore = async ({ digest }: BinItem) => {
    await restoreArtifact(subject.name, digest);
    notifications.show({ message: texts.restored(shortDigest(digest)), color: "teal" });
    await renew();
  };
  return (
    <>
      <EndlessTable
        label={texts.list(subject.name)}
        list={list}
        columns={columns}
        keyOf={(item) => item.digest}
        empty={<Empty title={texts.none} text={texts.noneHint} />}
      />
      <Confirm
        title={texts.title}
        text={chosen && texts.text(shortDigest(chosen.digest))}
        act={texts.restore}
        isHarmless
        isOpen={chosen !== undefined}
        onClose={() => choose(undefined)}
        run={async () => chosen && restore(chosen)}
      />
    </>
  );
}

function Dimmed({ text }: { text: string }) {
  return (
    <Text span inherit c="dimmed">
      {text}
    </Text>
  );
}
