// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import { formatNumber, Moment } from "@/ui";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import type { Origin } from "./queries";

const text = audit.standing;
const columns = text.originColumns;

/** The registries that leave their checkpoints here. */
export function Origins({ origins }: { origins: readonly Origin[] }) {
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {text.originsAbout}
      </Text>
      <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
        <Table verticalSpacing="xs" aria-label={text.origins}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{columns.origin}</Table.Th>
              <Table.Th>{columns.state}</Table.Th>
              <Table.Th ta="right">{columns.checkpoints}</Table.Th>
              <Table.Th ta="right">{columns.upTo}</Table.Th>
              <Table.Th>{columns.at}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {origins.map((origin) => (
              <Row key={origin.origin} origin={origin} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

function Row({ origin: { origin, checkpoints, seq, received_at, contradicted_at } }: { origin: Origin }) {
  return (
    <Table.Tr>
      <Table.Td className={classes.whole}>{origin}</Table.Td>
      <Table.Td>
        <Group gap="xs" wrap="nowrap">
          <Badge variant="dot" color={contradicted_at ? "red" : "teal"} tt="none" miw="max-content">
            {contradicted_at ? text.contradicted : text.consistent}
          </Badge>
          {contradicted_at && (
            <Text size="xs" className={classes.whole}>
              <Moment at={contradicted_at} />
            </Text>
          )}
        </Group>
      </Table.Td>
      <Table.Td ta="right">{formatNumber(checkpoints)}</Table.Td>
      <Table.Td ta="right">{formatNumber(seq)}</Table.Td>
      <Table.Td className={classes.whole}>
        <Moment at={received_at} />
      </Table.Td>
    </Table.Tr>
  );
}
