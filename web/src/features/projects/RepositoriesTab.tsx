// SPDX-License-Identifier: Apache-2.0
import { Code, Stack } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { ProjectSubject } from "@/shell/feature";
import { type Column, Empty, EndlessTable, Filter, Moment, useInAddress } from "@/ui";
import { words } from "@/words";
import { PushHint } from "./PushHint";
import { type Repository, useRepositories } from "./queries";

const text = words.projects;

const COLUMNS: Column<Repository>[] = [
  {
    id: "name",
    header: text.repositoryColumns.name,
    cell: ({ row }) => <Link to={`/repositories/${row.original.name}` as "/"}>{row.original.name}</Link>,
  },
  {
    id: "latest",
    header: text.repositoryColumns.latest,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => (row.original.latest_tag ? <Code>{row.original.latest_tag}</Code> : words.ui.none),
  },
  {
    id: "updated",
    header: text.repositoryColumns.updated,
    cell: ({ row }) => <Moment at={row.original.updated_at} />,
  },
];

export default function RepositoriesTab({ subject }: { subject: ProjectSubject }) {
  const [filter] = useInAddress("filter");
  const list = useRepositories(subject.name, filter);
  const isEmpty = !filter && list.data?.pages[0]?.items.length === 0;
  return (
    <Stack>
      {!isEmpty && <Filter label={text.repositoryFilter} />}
      <EndlessTable
        label={text.repositories}
        list={list}
        columns={COLUMNS}
        keyOf={(repository) => repository.name}
        empty={
          filter ? (
            <Empty title={text.noRepositoryMatches} text={text.noRepositoryMatchesHint(filter)} />
          ) : (
            <PushHint project={subject.name} />
          )
        }
      />
    </Stack>
  );
}
