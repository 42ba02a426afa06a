// SPDX-License-Identifier: Apache-2.0
import { Box, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { projectAddress } from "@/shell/addresses";
import { useMay } from "@/shell/session";
import { type Column, Command, Empty, EndlessTable, formatSince, useInAddress } from "@/ui";
import { quotas as text } from "@/words/quotas";
import { FillBar } from "./FillBar";
import { formatAmount } from "./fill";
import { QuotaActions } from "./QuotaForm";
import {
  type Kind,
  type Listed,
  type Order,
  RESOURCES,
  type Resource,
  useDefaultQuota,
  useLastCheck,
  useQuotas,
} from "./queries";

const KINDS: readonly Kind[] = ["project", "user", "robot"];
const ORDERS: readonly Order[] = ["percent", "used", "name"];

function amount(resource: Resource): Column<Listed> {
  return {
    id: resource,
    header: text[resource],
    cell: ({ row: { original } }) => amountOf(original, resource),
    meta: { isNumber: true, isHiddenWhenNarrow: true },
  };
}

function amountOf({ used, limits }: Listed, resource: Resource): string {
  const limit = limits[resource] ?? null;
  const shown = formatAmount(resource, used[resource]);
  return limit === null ? shown : text.of(shown, formatAmount(resource, limit));
}

const COLUMNS: Column<Listed>[] = [
  {
    id: "name",
    header: text.name,
    cell: ({ row: { original } }) =>
      original.kind === "project" ? (
        <Link to={projectAddress(original.name)} search={{ tab: "quota" } as never}>
          {original.name}
        </Link>
      ) : (
        original.name
      ),
  },
  {
    id: "percent",
    header: text.fill,
    cell: ({ row: { original } }) =>
      original.percent === null ? (
        <Text size="sm" c="dimmed">
          {text.unlimited}
        </Text>
      ) : (
        <Group gap="xs" wrap="nowrap">
          <FillBar name={original.name} percent={original.percent} thresholds={original.thresholds} />
          <Text size="sm" miw={48} ta="right">
            {text.percent(original.percent)}
          </Text>
        </Group>
      ),
  },
  {
    id: "used",
    header: text.used,
    cell: ({ row: { original } }) => amountOf(original, "bytes"),
    meta: { isNumber: true, isHiddenWhenNarrow: true },
  },
  amount("artifacts"),
  amount("repositories"),
  amount("tags"),
  {
    id: "quota",
    header: text.quota,
    cell: ({ row: { original } }) =>
      original.percent === null && !original.is_own ? "" : original.is_own ? text.own : text.default,
    meta: { isHiddenWhenNarrow: true },
  },
];

function oneOf<Value extends string>(values: readonly Value[], given: string): Value {
  return values.find((each) => each === given) ?? (values[0] as Value);
}

/** Who uses how much of their quota, the fullest first. */
export default function RegistryTab() {
  const [givenKind, setKind] = useInAddress("kind");
  const [givenOrder, setOrder] = useInAddress("sort");
  const [kind, order] = [oneOf(KINDS, givenKind), oneOf(ORDERS, givenOrder)];
  const list = useQuotas(kind, order);
  return (
    <Stack>
      <Text size="sm" c="dimmed" maw={720}>
        {text.aboutRegistry} <LastCheck />
      </Text>
      {kind === "project" && <Default />}
      <Group gap="md">
        <SegmentedControl
          aria-label={text.kind}
          value={kind}
          onChange={setKind}
          data={KINDS.map((value) => ({ value, label: text.kinds[value] }))}
        />
        <SegmentedControl
          aria-label={text.order}
          value={order}
          onChange={setOrder}
          data={ORDERS.map((value) => ({ value, label: text.orders[value] }))}
        />
      </Group>
      <EndlessTable
        label={text.list}
        list={list}
        columns={COLUMNS}
        keyOf={(listed) => listed.name}
        empty={
          <Empty
            title={text.none[kind]}
            text={text.noneHint[kind]}
            action={
              <Box maw="100%">
                <Command text={text.commandFor[kind]} what={text.command} />
              </Box>
            }
          />
        }
      />
    </Stack>
  );
}

/** The quota of every project without its own, and the way to another. */
function Default() {
  const { data } = useDefaultQuota();
  const maySet = useMay("administer");
  if (!data) return null;
  const limits = RESOURCES.flatMap((each) => {
    const limit = data.quota?.limits[each] ?? null;
    return limit === null ? [] : [`${text[each]}: ${formatAmount(each, limit)}`];
  });
  return (
    <Group gap="md">
      <Text>{limits.length ? text.defaultIs(limits.join(", ")) : text.noDefault}</Text>
      {maySet && (
        <QuotaActions
          subject={{ kind: "default", name: "" }}
          terms={data.quota}
          isOwn={data.quota !== null}
          revision={data.revision}
        />
      )}
    </Group>
  );
}

/** What came of counting everything anew; nothing before the first time. */
function LastCheck() {
  const { data } = useLastCheck();
  if (!data?.finished_at) return null;
  return text.check(formatSince(new Date(data.finished_at), new Date()), data.repaired);
}
