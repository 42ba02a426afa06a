// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Menu, NativeSelect } from "@mantine/core";
import { useClipboard } from "@mantine/hooks";
import { IconCopy, IconHistory, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { tagAddress } from "@/shell/addresses";
import type { RepositorySubject } from "@/shell/feature";
import { useGuide } from "@/shell/guide";
import { useIsMounted } from "@/shell/mounted";
import {
  Bytes,
  type Column,
  Digest,
  Empty,
  EndlessTable,
  Filter,
  MenuAct,
  Moment,
  Principal,
  RowMenu,
  useInAddress,
} from "@/ui";
import { words } from "@/words";
import { Platforms, Type } from "./Badges";
import { pullCommands } from "./clients";
import { LastPull } from "./LastPull";
import { type TagItem, type TagSort, useTags } from "./queries";
import { To } from "./To";
import { useTagRemoval } from "./useRemoval";

const texts = words.artifacts.tags;
const DEFAULT: TagSort = "-updated";

function isSort(text: string): text is TagSort {
  return text in texts.orders;
}

function columnsFor({ name, may }: RepositorySubject): Column<TagItem>[] {
  return [
    {
      id: "name",
      header: texts.columns.name,
      cell: ({ row: { original: tag } }) => <To to={tagAddress(name, tag.name)}>{tag.name}</To>,
      meta: { sort: "name" },
    },
    {
      id: "digest",
      header: texts.columns.digest,
      cell: ({ row }) => <Digest value={row.original.digest} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "type",
      header: texts.columns.type,
      cell: ({ row }) => <Type type={row.original.type} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "platforms",
      header: texts.columns.platforms,
      cell: ({ row }) => <Platforms platforms={row.original.platforms} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "size",
      header: texts.columns.size,
      cell: ({ row: { original: tag } }) => tag.size !== null && <Bytes value={tag.size} />,
      meta: { isNumber: true, isHiddenWhenNarrow: true },
    },
    {
      id: "updated",
      header: texts.columns.updated,
      cell: ({ row }) => <Moment at={row.original.updated_at} />,
      meta: { sort: "updated" },
    },
    {
      id: "pulled",
      header: texts.columns.pulled,
      cell: ({ row }) => <LastPull of={row.original} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "by",
      header: texts.columns.by,
      cell: ({ row }) => <Principal identity={row.original.updated_by} />,
      meta: { isHiddenWhenNarrow: true },
    },
    {
      id: "actions",
      header: "",
      cell: ({ row }) => (
        <RowMenu label={words.artifacts.actionsFor(row.original.name)}>
          {() => <TagActions repository={name} tag={row.original} may={may} />}
        </RowMenu>
      ),
      meta: { isNumber: true },
    },
  ];
}

export default function TagsTab({ subject }: { subject: RepositorySubject }) {
  const [inAddress, putSort] = useInAddress("sort");
  const [filter] = useInAddress("filter");
  const sort = isSort(inAddress) ? inAddress : DEFAULT;
  const list = useTags(subject.name, sort, filter);
  const columns = useMemo(() => columnsFor(subject), [subject]);
  return (
    <>
      <Group gap="sm" mb="sm">
        <Filter label={texts.filter} />
        <NativeSelect
          aria-label={texts.order}
          value={sort}
          onChange={(event) => putSort(event.currentTarget.value)}
          data={Object.entries(texts.orders).map(([value, label]) => ({ value, label }))}
        />
      </Group>
      <EndlessTable
        key={filter}
        label={texts.list(subject.name)}
        list={list}
        columns={columns}
        keyOf={(tag) => tag.name}
        sort={sort}
        onSort={putSort}
        empty={filter ? <NothingFits filter={filter} /> : <None />}
      />
    </>
  );
}

function TagActions({ repository, tag, may }: { repository: string; tag: TagItem; may: readonly string[] }) {
  const { data: guide } = useGuide();
  const clipboard = useClipboard();
  const remove = useTagRemoval(repository, may);
  const hasHistory = useIsMounted("history");
  const [pull] = guide
    ? pullCommands(guide, {
        repository,
        digest: tag.digest,
        tag: tag.name,
        type: tag.type,
        mediaType: tag.media_type,
        parts: tag.artifact_type ? [tag.artifact_type] : [],
      })
    : [];
  return (
    <>
      {pull && (
        <MenuAct icon={IconCopy} onClick={() => clipboard.copy(pull.text)}>
          {words.artifacts.copyPull(pull.client)}
        </MenuAct>
      )}
      {hasHistory && (
        <Menu.Item
          leftSection={<IconHistory size={16} />}
          component={Link}
          to={tagAddress(repository, tag.name)}
          search={{ tab: "history" } as never}
        >
          {texts.history}
        </Menu.Item>
      )}
      {may.includes("delete") && (
        <Menu.Item
          leftSection={<IconTrash size={16} />}
          color="var(--mantine-color-error)"
          onClick={() => void remove(tag.name, tag.digest)}
        >
          {texts.remove}
        </Menu.Item>
      )}
    </>
  );
}

function None() {
  return (
    <Empty
      title={texts.none}
      text={texts.noneHint}
      action={
        <Button component={Link} to="/guide">
          {words.artifacts.repositories.toGuide}
        </Button>
      }
    />
  );
}

function NothingFits({ filter }: { filter: string }) {
  const [, putFilter] = useInAddress("filter");
  return (
    <Empty
      title={texts.nothingFits(filter)}
      text={texts.nothingFitsHint}
      action={
        <Button variant="default" onClick={() => putFilter("")}>
          {texts.noFilter}
        </Button>
      }
    />
  );
}
