// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Table, Text } from "@mantine/core";
import { formatNumber, Moment } from "@/ui";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import { countOf, type Month } from "./queries";

const text = audit.standing;
const columns = text.monthColumns;
const names = new Intl.DateTimeFormat("en", { month: "long", year: "numeric", timeZone: "UTC" });
const days = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" });

/** The months of the log, the newest first. */
export function Months({ months }: { months: readonly Month[] }) {
  if (!months.length) return <Text c="dimmed">{text.noMonths}</Text>;
  return (
    <Table.ScrollContainer minWidth={560} type="native" tabIndex={0}>
      <Table verticalSpacing="xs" aria-label={text.months}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{columns.month}</Table.Th>
            <Table.Th ta="right">{columns.records}</Table.Th>
            <Table.Th>{columns.numbers}</Table.Th>
            <Table.Th>{columns.span}</Table.Th>
            <Table.Th>{columns.state}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {[...months].reverse().map((month) => (
            <Table.Tr key={month.month}>
              <Table.Td className={classes.whole}>
                {names.format(new Date(`${month.month}-01T00:00:00Z`))}
              </Table.Td>
              <Table.Td ta="right">{formatNumber(countOf(month))}</Table.Td>
              <Table.Td className={classes.whole}>
                {text.range(formatNumber(month.first_seq), formatNumber(month.last_seq))}
              </Table.Td>
              <Table.Td className={classes.whole}>
                {text.range(days.format(new Date(month.first_at)), days.format(new Date(month.last_at)))}
              </Table.Td>
              <Table.Td>
                <State dropped={month.dropped_at} />
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function State({ dropped }: { dropped: string | null }) {
  return (
    <Group gap="xs" wrap="nowrap">
      <Badge variant="dot" color={dropped ? "gray" : "teal"} tt="none" miw="max-content">
        {dropped ? text.dropped : text.kept}
      </Badge>
      {dropped && (
        <Text size="xs" c="dimmed" className={classes.whole}>
          <Moment at={dropped} />
        </Text>
      )}
    </Group>
  );
}
