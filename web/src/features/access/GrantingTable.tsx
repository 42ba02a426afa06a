// SPDX-License-Identifier: Apache-2.0
import { Stack, Table, Title } from "@mantine/core";
import { On, Principal, RoleName, Tags, Until } from "@/ui";
import { words } from "@/words";
import type { Granting } from "./queries";

const text = words.access;

/** The grants that allow something, each by itself. */
export function GrantingTable({ grants }: { grants: readonly Granting[] }) {
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {text.granting}
      </Title>
      <Table.ScrollContainer minWidth={420} type="native" tabIndex={0}>
        <Table withTableBorder>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.columns.heldBy}</Table.Th>
              <Table.Th>{text.columns.role}</Table.Th>
              <Table.Th>{text.columns.pattern}</Table.Th>
              <Table.Th>{text.columns.tags}</Table.Th>
              <Table.Th>{text.columns.until}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {grants.map((grant) => (
              <Table.Tr key={[grant.held_by, grant.role, grant.path_pattern, grant.tag_pattern].join(" ")}>
                <Table.Td>
                  <Principal identity={grant.held_by} />
                </Table.Td>
                <Table.Td>
                  <RoleName role={grant.role} />
                </Table.Td>
                <Table.Td>
                  <On pattern={grant.path_pattern} />
                </Table.Td>
                <Table.Td>
                  <Tags pattern={grant.tag_pattern} />
                </Table.Td>
                <Table.Td>
                  <Until at={grant.expires_at} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}
