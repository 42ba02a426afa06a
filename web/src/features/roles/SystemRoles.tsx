// SPDX-License-Identifier: Apache-2.0
import { Stack, Table, Text, Title } from "@mantine/core";
import { RoleName } from "@/ui";
import { words } from "@/words";
import { ACTIONS } from "./actions";
import { type Role, useSystemRoles } from "./queries";

const text = words.roles;

/** The roles in running the registry. */
export function SystemRoles() {
  const roles = useSystemRoles();
  if (!roles.length) return null;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {text.inRegistry}
      </Title>
      <Table.ScrollContainer minWidth={480} type="native" tabIndex={0}>
        <Table withTableBorder verticalSpacing="xs">
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.systemColumns.role}</Table.Th>
              <Table.Th>{text.systemColumns.actions}</Table.Th>
              <Table.Th>{text.systemColumns.repositories}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {roles.map((role) => (
              <Table.Tr key={role.name}>
                <Table.Td>
                  <Text size="sm" fw={500}>
                    <RoleName role={role.name} />
                  </Text>
                  <Text size="xs" c="dimmed">
                    {text.system[role.name as keyof typeof text.system]?.description}
                  </Text>
                </Table.Td>
                <Table.Td>{inRegistry(role)}</Table.Td>
                <Table.Td>{inRepositories(role)}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function inRegistry({ system_actions }: Role): string {
  if (system_actions.includes("administer")) return text.everything;
  return system_actions.map((action) => text.systemActions[action]).join("; ");
}

function inRepositories({ allowed }: Role): string {
  if (!allowed.length) return text.nothing;
  if (allowed.length === ACTIONS.length) return text.everything;
  return allowed.map((action) => text.actions[action].label).join(", ");
}
