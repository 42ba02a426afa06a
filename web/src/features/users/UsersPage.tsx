// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBan, IconCheck, IconPlus, IconShieldStar } from "@tabler/icons-react";
import { useMay, useViewer } from "@/shell/session";
import { actionsColumn, type Column, Empty, EndlessTable, Filter, Moment, Page, useInAddress } from "@/ui";
import { words } from "@/words";
import { CreateUser } from "./CreateUser";
import { type User, useUsers } from "./queries";
import { UserActions } from "./UserActions";

const text = words.users;

const COLUMNS: Column<User>[] = [
  { id: "name", header: text.columns.name, cell: ({ row }) => <Name user={row.original} /> },
  { id: "state", header: text.columns.state, cell: ({ row }) => <State user={row.original} /> },
  {
    id: "factor",
    header: text.columns.factor,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => (row.original.second_factor ? text.factors.yes : text.factors.no),
  },
  {
    id: "provider",
    header: text.columns.provider,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => row.original.provider ?? text.local,
  },
  {
    id: "created",
    header: text.columns.created,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Moment at={row.original.created_at} />,
  },
  {
    id: "password",
    header: text.columns.password,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Moment at={row.original.password_changed_at} />,
  },
];

const CHANGING_COLUMNS: Column<User>[] = [...COLUMNS, actionsColumn((user) => <UserActions user={user} />)];

export default function UsersPage() {
  const [filter] = useInAddress("filter");
  const list = useUsers(filter);
  const [isOpen, { open, close }] = useDisclosure();
  const mayChange = useMay("administer");
  const create = mayChange && (
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
        columns={mayChange ? CHANGING_COLUMNS : COLUMNS}
        keyOf={(user) => user.name}
        empty={<Empty title={text.noneMatches} text={text.noneMatchesHint(filter)} />}
      />
      <CreateUser isOpen={isOpen} onClose={close} />
    </Page>
  );
}

function Name({ user }: { user: User }) {
  const viewer = useViewer();
  return (
    <Group gap={6}>
      <Text span inherit>
        {user.name}
      </Text>
      {user.name === viewer?.name && (
        <Text span inherit c="dimmed">
          {text.you}
        </Text>
      )}
    </Group>
  );
}

function State({ user }: { user: User }) {
  const Icon = user.disabled ? IconBan : IconCheck;
  return (
    <Group gap={6}>
      <Badge
        variant="default"
        tt="none"
        fw={500}
        miw="max-content"
        leftSection={<Icon size={12} aria-hidden />}
      >
        {user.disabled ? text.states.disabled : text.states.enabled}
      </Badge>
      {user.administrator && (
        <Badge
          variant="light"
          tt="none"
          fw={500}
          miw="max-content"
          leftSection={<IconShieldStar size={12} aria-hidden />}
        >
          {text.administrator}
        </Badge>
      )}
    </Group>
  );
}
