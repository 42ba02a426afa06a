// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Pill, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { repositoryAddress, tagAddress } from "@/shell/addresses";
import { type Column, Empty, EndlessTable, Filter, Moment, Page, useInAddress } from "@/ui";
import { Named } from "@/ui/Owner";
import { words } from "@/words";
import { descriptions } from "@/words/descriptions";
import { type RepositoryItem, useRepositories } from "./queries";
import { To } from "./To";

const texts = words.artifacts.repositories;

const columns: Column<RepositoryItem>[] = [
  {
    id: "name",
    header: texts.columns.name,
    cell: ({ row: { original: item } }) => (
      <>
        <To to={repositoryAddress(item.name)}>{item.name}</To>
        {item.summary && (
          <Text size="sm" c="dimmed" lineClamp={1} title={item.summary}>
            {item.summary}
          </Text>
        )}
      </>
    ),
  },
  {
    id: "project",
    header: texts.columns.project,
    cell: ({ row: { original: item } }) => <To to={`/projects/${item.project}`}>{item.project}</To>,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "owner",
    header: descriptions.owner,
    cell: ({ row: { original: item } }) => item.owner && <Named owner={item.owner} />,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "latest",
    header: texts.columns.latest,
    cell: ({ row: { original: item } }) =>
      item.latest_tag && <To to={tagAddress(item.name, item.latest_tag)}>{item.latest_tag}</To>,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "updated",
    header: texts.columns.updated,
    cell: ({ row }) => <Moment at={row.original.updated_at} />,
  },
  {
    id: "created",
    header: texts.columns.created,
    cell: ({ row }) => <Moment at={row.original.created_at} />,
    meta: { isHiddenWhenNarrow: true },
  },
];

export function RepositoriesPage() {
  const [project, putProject] = useInAddress("project");
  const [filter] = useInAddress("filter");
  const list = useRepositories(project, filter);
  return (
    <Page title={texts.title} about={texts.about}>
      <Group gap="sm">
        <Filter label={texts.filter} />
        {project && (
          <Pill
            size="lg"
            withRemoveButton
            onRemove={() => putProject("")}
            removeButtonProps={{ "aria-label": texts.showAll, tabIndex: 0, "aria-hidden": false }}
          >
            {texts.ofProject(project)}
          </Pill>
        )}
      </Group>
      <EndlessTable
        key={`${project} ${filter}`}
        label={texts.title}
        list={list}
        columns={columns}
        keyOf={(item) => item.name}
        empty={filter || project ? <NothingFits /> : <None />}
      />
    </Page>
  );
}

function None() {
  return (
    <Empty
      title={texts.none}
      text={texts.noneHint}
      action={
        <Button component={Link} to="/guide">
          {texts.toGuide}
        </Button>
      }
    />
  );
}

function NothingFits() {
  return (
    <Empty
      title={texts.nothingFits}
      text={texts.nothingFitsHint}
      action={
        <Button component={Link} to="/repositories" variant="default">
          {texts.noFilter}
        </Button>
      }
    />
  );
}
