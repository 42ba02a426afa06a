// SPDX-License-Identifier: Apache-2.0
import { Button, Code, Group, NativeSelect, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { RepositorySubject } from "@/shell/feature";
import { Bytes, type Column, Empty, EndlessTable, Filter, Moment, Principal, useInAddress } from "@/ui";
import { words } from "@/words";
import { labels } from "@/words/labels";
import { Platforms, Type } from "./Badges";
import { LastPull } from "./LastPull";
import { type ArtifactFilter, type ArtifactItem, useArtifacts } from "./queries";
import { TagList } from "./TagList";
import { ToArtifact } from "./To";

const texts = words.artifacts.list;
const SHOWN_LABELS = 3;
const TAGGED: Record<string, boolean> = { yes: true, no: false };
const { pending: _, ...TYPES } = words.artifacts.types;

function typeOf(text: string): ArtifactFilter["type"] {
  return text in TYPES ? (text as ArtifactFilter["type"]) : undefined;
}

function columnsFor(repository: string): Column<ArtifactItem>[] {
  return [
    {
      id: "digest",
      header: texts.columns.digest,
      cell: ({ row }) => <ToArtifact repository={repository} digest={row.original.digest} />,
    },
    {
      id: "type",
      header: texts.columns.type,
      cell: ({ row }) => <Type type={row.original.type} />,
    },
    {
      id: "tags",
      header: texts.columns.tags,
      cell: ({ row: { original: item } }) =>
        item.tags.length > 0 ? (
          <TagList repository={repository} tags={item.tags} />
        ) : (
          <Text span inherit c="dimmed">
            {texts.untagged}
          </Text>
        ),
    },
    {
      id: "labels",
      header: labels.column,
      cell: ({ row }) => <Labelled labels={row.original.labels} />,
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
      cell: ({ row: { original: item } }) => item.size !== null && <Bytes value={item.size} />,
      meta: { isNumber: true, isHiddenWhenNarrow: true },
    },
    {
      id: "pushed",
      header: texts.columns.pushed,
      cell: ({ row }) => <Moment at={row.original.pushed_at} />,
      meta: { sort: "pushed" },
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
      cell: ({ row }) => <Principal identity={row.original.pushed_by} />,
      meta: { isHiddenWhenNarrow: true },
    },
  ];
}

export default function ArtifactsTab({ subject }: { subject: RepositorySubject }) {
  const [sort, putSort] = useInAddress("sort");
  const [type, putType] = useInAddress("type");
  const [tagged, putTagged] = useInAddress("tagged");
  const [label] = useInAddress("label");
  const filter: ArtifactFilter = {
    sort: sort === "pushed" ? "pushed" : "-pushed",
    type: typeOf(type),
    tagged: TAGGED[tagged],
    label,
  };
  const list = useArtifacts(subject.name, filter);
  const columns = useMemo(() => columnsFor(subject.name), [subject.name]);
  const isFiltered = filter.type !== undefined || filter.tagged !== undefined || label !== "";
  return (
    <>
      <Group gap="sm" mb="sm">
        <NativeSelect
          aria-label={texts.type}
          value={filter.type ?? ""}
          onChange={(event) => putType(event.currentTarget.value)}
          data={[
            { value: "", label: texts.anyType },
            ...Object.entries(TYPES).map(([value, label]) => ({ value, label })),
          ]}
        />
        <NativeSelect
          aria-label={texts.tagged}
          value={tagged in TAGGED ? tagged : ""}
          onChange={(event) => putTagged(event.currentTarget.value)}
          data={[
            { value: "", label: texts.anyTagged },
            { value: "yes", label: texts.onlyTagged },
            { value: "no", label: texts.onlyUntagged },
          ]}
        />
        <Filter label={labels.filter} name="label" />
      </Group>
      <EndlessTable
        key={`${type} ${tagged} ${label}`}
        label={texts.list(subject.name)}
        list={list}
        columns={columns}
        keyOf={(item) => item.digest}
        sort={filter.sort}
        onSort={putSort}
        empty={isFiltered ? <NothingFits /> : <Empty title={texts.none} text={texts.noneHint} />}
      />
    </>
  );
}

/** Some of the labels, and how many more there are. */
function Labelled({ labels: all }: { labels: Record<string, string> }) {
  const spelled = Object.entries(all).map(([key, value]) => (value ? `${key}=${value}` : key));
  const more = spelled.length - SHOWN_LABELS;
  return (
    <Group gap={4} title={spelled.join("\n") || undefined}>
      {spelled.slice(0, SHOWN_LABELS).map((each) => (
        <Code key={each} style={{ overflowWrap: "anywhere" }}>
          {each}
        </Code>
      ))}
      {more > 0 && (
        <Text span size="sm" c="dimmed">
          {labels.more(more)}
        </Text>
      )}
    </Group>
  );
}

function NothingFits() {
  return (
    <Empty
      title={texts.nothingFits}
      text={texts.nothingFitsHint}
      action={
        <Button component={Link} to="." search={{ tab: "artifacts" } as never} variant="default">
          {texts.noFilter}
        </Button>
      }
    />
  );
}
