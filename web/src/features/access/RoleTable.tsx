// SPDX-License-Identifier: Apache-2.0
import { Stack, Table, Title } from "@mantine/core";
import { words } from "@/words";
import { ACTIONS, ROLE_ACTIONS, ROLES } from "./actions";

const text = words.access;

/** What each role allows. */
export function RoleTable() {
  return (
    <Stack gap="xs" maw={760}>
      <Title order={2} size="h4">
        {text.roles}
      </Title>
      <Table withTableBorder horizontalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.roleColumn}</Table.Th>
            {ACTIONS.map((action) => (
              <Table.Th key={action}>{text.actions[action].label}</Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {ROLES.map((role) => (
            <Table.Tr key={role}>
              <Table.Th>{words.grants.roles[role].label}</Table.Th>
              {ACTIONS.map((action) => (
                <Table.Td key={action}>
                  {ROLE_ACTIONS[role].includes(action) ? words.ui.yes : words.ui.no}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
