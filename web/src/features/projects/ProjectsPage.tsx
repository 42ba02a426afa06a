// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useViewer } from "@/shell/session";
import {
  type Column,
  Dialog,
  Empty,
  EndlessTable,
  Filter,
  Loading,
  Page,
  sinceAndBy,
  useInAddress,
} from "@/ui";
import { words } from "@/words";
import { CreateProject } from "./CreateProject";
import { type Project, useProjects } from "./queries";
import { VisibilityBadge } from "./VisibilityBadge";

const text = words.projects;

const COLUMNS: Column<Project>[] = [
  {
    id: "name",
    header: text.columns.name,
    cell: ({ row }) => <Link to={`/projects/${row.original.name}` as "/"}>{row.original.name}</Link>,
  },
  {
    id: "visibility",
    header: text.columns.visibility,
    cell: ({ row }) => <VisibilityBadge of={row.original.visibility} />,
  },
  ...sinceAndBy({ since: text.columns.created, by: text.columns.by }, (project: Project) => [
    project.created_at,
    project.created_by,
  ]),
];

export default function ProjectsPage() {
  const [filter] = useInAddress("filter");
  const list = useProjects(filter);
  const [isCreating, creating] = useDisclosure();
  const mayCreate = useViewer()?.isAdministrator ?? false;
  const create = mayCreate && (
    <Button leftSection={<IconPlus size={16} />} onClick={creating.open}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} about={text.about} actions={create}>
      <Filter label={text.filter} />
      <EndlessTable
        label={text.title}
        list={list}
        columns={COLUMNS}
        keyOf={(project) => project.name}
        empty={<Nothing filter={filter} isLoading={list.hasNextPage} mayCreate={mayCreate} />}
      />
      <Dialog title={text.creation.title} isOpen={isCreating} onClose={creating.close}>
        <CreateProject onCancel={creating.close} />
      </Dialog>
    </Page>
  );
}

function Nothing({
  filter,
  isLoading,
  mayCreate,
}: {
  filter: string;
  isLoading: boolean;
  mayCreate: boolean;
}) {
  if (isLoading) return <Loading />;
  if (filter) return <Empty title={text.noneMatches} text={text.noneMatchesHint(filter)} />;
  return <Empty title={text.none} text={mayCreate ? text.noneForAdministrator : text.noneForUser} />;
}
