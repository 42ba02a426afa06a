// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Stack, Table, Text } from "@mantine/core";
import { Moment } from "@/ui";
import { counted } from "@/words";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import { type Delivery, newestOf, type Standing } from "./queries";

const text = audit.standing;
const columns = text.deliveryColumns;
const CHECKPOINTS = "/checkpoints";

/** Where the log is sent, and how far each destination is. */
export function Deliveries({ standing }: { standing: Standing }) {
  if (!standing.deliveries.length)
    return (
      <Stack gap={4}>
        <Text>{text.noDeliveries}</Text>
        <Text size="sm" c="dimmed">
          {text.noDeliveriesHint}
        </Text>
      </Stack>
    );
  return (
    <Stack gap="xs">
      <Text size="sm" c="dimmed">
        {text.deliveriesAbout}
      </Text>
      <Table.ScrollContainer minWidth={640} type="native" tabIndex={0}>
        <Table verticalSpacing="xs" aria-label={text.deliveries}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{columns.destination}</Table.Th>
              <Table.Th>{columns.state}</Table.Th>
              <Table.Th ta="right">{columns.behind}</Table.Th>
              <Table.Th>{columns.at}</Table.Th>
              <Table.Th>{columns.error}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {standing.deliveries.map((delivery) => (
              <Row key={delivery.destination} delivery={delivery} behind={behind(delivery, standing)} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Stack>
  );
}

/** How many records a destination has not had; of one that gets checkpoints, how many are signed since its last. */
function behind({ destination, seq }: Delivery, standing: Standing): number {
  const isOfCheckpoints = destination.endsWith(CHECKPOINTS);
  const newest = isOfCheckpoints ? (standing.newest_checkpoint?.seq ?? 0) : newestOf(standing);
  return Math.max(0, newest - seq);
}

function Row({ delivery, behind }: { delivery: Delivery; behind: number }) {
  const { destination, is_configured, delivered_at, last_error, retry_at } = delivery;
  return (
    <Table.Tr>
      <Table.Td className={classes.whole}>{destination}</Table.Td>
      <Table.Td>
        <State delivery={delivery} />
      </Table.Td>
      <Table.Td ta="right" className={classes.whole}>
        {is_configured && counted(behind, audit.record)}
      </Table.Td>
      <Table.Td className={classes.whole}>
        <Moment at={delivered_at} />
      </Table.Td>
      <Table.Td className={classes.error}>
        {last_error}
        {is_configured && retry_at && (
          <Text size="xs" c="dimmed">
            {text.retried} <Moment at={retry_at} />
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

function State({ delivery: { is_configured, failing_since } }: { delivery: Delivery }) {
  const isFailing = is_configured && failing_since !== null;
  const color = isFailing ? "red" : is_configured ? "teal" : "gray";
  const told = isFailing ? text.fails : is_configured ? text.takes : text.former;
  return (
    <Group gap="xs" wrap="nowrap">
      <Badge variant="dot" color={color} tt="none" miw="max-content">
        {told}
      </Badge>
      {isFailing && (
        <Text size="xs" className={classes.whole}>
          <Moment at={failing_since} />
        </Text>
      )}
    </Group>
  );
}
