// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useViewer } from "@/shell/session";
import {
  actionsColumn,
  type Column,
  Dialog,
  Empty,
  EndlessTable,
  Filter,
  Page,
  sinceAndBy,
  useInAddress,
} from "@/ui";
import { words } from "@/words";
import { CreateGroup } from "./CreateGroup";
import { GroupActions } from "./GroupActions";
import { type Group, useGroups } from "./queries";

const text = words.groups;

const READ_COLUMNS: Column<Group>[] = [
  {
    id: "name",
    header: text.columns.name,
    cell: ({ row }) => <Link to={`/groups/${row.original.name}` as "/"}>{row.original.name}</Link>,
  },
  {
    id: "description",
    header: text.columns.description,
    cell: ({ row }) => row.original.description,
  },
  {
    id: "provider",
    header: text.columns.provider,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => row.original.provider ?? text.local,
  },
  ...sinceAndBy({ since: text.columns.created, by: text.columns.by }, (group: Group) => [
    group.created_at,
    group.created_by,
  ]),
];

const COLUMNS: Column<Group>[] = [...READ_COLUMNS, actionsColumn((group) => <GroupActions group={group} />)];

export default function GroupsPage() {
  const [filter] = useInAddress("filter");
  const list = useGroups(filter);
  const [isOpen, { open, close }] = useDisclosure();
  const isAdministrator = useViewer()?.isAdministrator ?? false;
  const create = isAdministrator && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} about={text.about} actions={create}>
      <Filter label={text.filter} />
      <EndlessTable
        label={text.title}
        list={list}
        columns={isAdministrator ? COLUMNS : READ_COLUMNS}
        keyOf={(group) => group.name}
        empty={
          filter ? (
            <Empty title={text.noneMatches} text={text.noneMatchesHint(filter)} />
          ) : (
            <Empty title={text.none} text={text.noneHint} />
          )
        }
      />
      <Dialog title={text.creation.title} isOpen={isOpen} onClose={close}>
        <CreateGroup onCancel={close} />
      </Dialog>
    </Page>
  );
}
