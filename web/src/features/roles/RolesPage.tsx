// SPDX-License-Identifier: Apache-2.0
import { Button, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCheck, IconMinus, IconPlus } from "@tabler/icons-react";
import { useViewer } from "@/shell/session";
import { actionsColumn, type Column, Dialog, Empty, EndlessTable, Page, RoleName } from "@/ui";
import { words } from "@/words";
import { ACTIONS, type Action } from "./actions";
import { CreateRole } from "./CreateRole";
import { type Role, useRoles } from "./queries";
import { RoleActions } from "./RoleActions";
import classes from "./roles.module.css";
import { SystemRoles } from "./SystemRoles";

const text = words.roles;

const COLUMNS: Column<Role>[] = [
  { id: "role", header: text.role, cell: ({ row }) => <Described role={row.original} /> },
  ...ACTIONS.map(
    (action): Column<Role> => ({
      id: action,
      header: headerOf(action),
      cell: ({ row }) => <Allows role={row.original} action={action} />,
    }),
  ),
];

const CHANGING_COLUMNS: Column<Role>[] = [
  ...COLUMNS,
  actionsColumn((role) => !role.is_built_in && <RoleActions role={role} />),
];

export default function RolesPage() {
  const list = useRoles();
  const [isOpen, { open, close }] = useDisclosure();
  const isAdministrator = useViewer()?.isAdministrator ?? false;
  const create = isAdministrator && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} about={text.about} actions={create}>
      <Stack gap="xs">
        <Title order={2} size="h4">
          {text.inRepositories}
        </Title>
        <EndlessTable
          label={text.inRepositories}
          list={list}
          columns={isAdministrator ? CHANGING_COLUMNS : COLUMNS}
          keyOf={(role) => role.name}
          empty={<Empty title={words.ui.none} />}
        />
      </Stack>
      <SystemRoles />
      <Dialog size="lg" title={text.creation.title} isOpen={isOpen} onClose={close}>
        <CreateRole onEnd={close} />
      </Dialog>
    </Page>
  );
}

function headerOf(action: Action): string {
  const named: { label: string; short?: string } = text.actions[action];
  return named.short ?? named.label;
}

function Described({ role }: { role: Role }) {
  const { name, description, is_built_in } = role;
  return (
    <div className={classes.role}>
      <Text size="sm" fw={500}>
        <RoleName role={name} />
      </Text>
      <Text size="xs" c="dimmed">
        {is_built_in ? text.builtIn[name as keyof typeof text.builtIn]?.description : description}
      </Text>
    </div>
  );
}

function Allows({ role, action }: { role: Role; action: Action }) {
  const isAllowed = role.allowed.includes(action);
  const Icon = isAllowed ? IconCheck : IconMinus;
  return (
    <>
      <Icon size={16} aria-hidden className={isAllowed ? undefined : classes.not} />
      <VisuallyHidden component="span">{isAllowed ? text.allows : text.allowsNot}</VisuallyHidden>
    </>
  );
}
