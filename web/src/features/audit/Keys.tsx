// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import { Copy, Copyable, Moment } from "@/ui";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import type { Key } from "./queries";

const text = audit.standing;
const columns = text.keyColumns;
const SHOWN_CHARACTERS = 12;

/** What verifies checkpoints, the newest first. */
export function Keys({ keys }: { keys: readonly Key[] }) {
  if (!keys.length) return <Text c="dimmed">{text.noKeys}</Text>;
  const sorted = [...keys].sort((one, other) => Date.parse(other.created_at) - Date.parse(one.created_at));
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {text.keysAbout}
      </Text>
      <Table.ScrollContainer minWidth={460} type="native" tabIndex={0}>
        <Table verticalSpacing="xs" aria-label={text.keys}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{columns.state}</Table.Th>
              <Table.Th>{columns.kid}</Table.Th>
              <Table.Th>{columns.created}</Table.Th>
              <Table.Th>{columns.key}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {sorted.map((key, index) => (
              <Row key={key.kid} signing={key} isNewest={index === 0} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Row({ signing: { kid, created_at, public_jwk }, isNewest }: { signing: Key; isNewest: boolean }) {
  return (
    <Table.Tr>
      <Table.Td>
        <Badge variant="dot" color={isNewest ? "teal" : "gray"} tt="none" miw="max-content">
          {isNewest ? text.signing : text.verifying}
        </Badge>
      </Table.Td>
      <Table.Td className={classes.whole}>
        <Copyable value={kid} shown={kid.slice(0, SHOWN_CHARACTERS)} what={text.kid(kid)} />
      </Table.Td>
      <Table.Td className={classes.whole}>
        <Moment at={created_at} />
      </Table.Td>
      <Table.Td>
        <Group gap={4} wrap="nowrap">
          {text.copyKey}
          <Copy value={JSON.stringify(public_jwk)} what={text.publicKey(kid)} />
        </Group>
      </Table.Td>
    </Table.Tr>
  );
}
