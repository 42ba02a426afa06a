// SPDX-License-Identifier: Apache-2.0
import { Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Bytes, type Column, Empty, EndlessTable, formatNumber, Moment, Principal } from "@/ui";
import { retention } from "@/words/retention";
import { MakePlan } from "./MakePlan";
import { PlanState } from "./PlanState";
import { type Plan, usePlans } from "./queries";
import classes from "./retention.module.css";
import type { Scope } from "./scope";

const text = retention.plans;
/** Who makes the plans of schedules. */
const SCHEDULE = "internal:retention";

interface Properties {
  scope: Scope;
  mayChange: boolean;
}

/** The plans of a level, and the way to another one. */
export function PlansPanel({ scope, mayChange }: Properties) {
  const plans = usePlans(scope);
  return (
    <Stack>
      <Group justify="space-between" align="start">
        <Text c="dimmed" flex={1} miw={240}>
          {text.about}
        </Text>
        {mayChange && <MakePlan scope={scope} isPrimary />}
      </Group>
      <EndlessTable
        label={text.list}
        list={plans}
        columns={COLUMNS}
        keyOf={(plan) => plan.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

const COLUMNS: Column<Plan>[] = [
  {
    id: "made",
    header: text.columns.made,
    cell: ({ row: { original: plan } }) => (
      <Link to="." search={withPlan(plan.id)} className={classes.link}>
        <Moment at={plan.made_at} />
      </Link>
    ),
  },
  { id: "state", header: text.columns.state, cell: ({ row }) => <PlanState plan={row.original} /> },
  {
    id: "goes",
    header: text.columns.goes,
    cell: ({ row }) => formatNumber(row.original.deletions),
    meta: { isNumber: true },
  },
  {
    id: "frees",
    header: text.columns.frees,
    cell: ({ row }) => row.original.freed_bytes !== null && <Bytes value={row.original.freed_bytes} />,
    meta: { isNumber: true, isHiddenWhenNarrow: true },
  },
  {
    id: "by",
    header: text.columns.by,
    cell: ({ row }) => <MadeBy plan={row.original} />,
    meta: { isHiddenWhenNarrow: true },
  },
];

/** The query of an address that leads to a plan, or, with none, to the list: each a step of the way back. */
export function withPlan(plan?: string): never {
  return ((before: object) => ({ ...before, plan })) as never;
}

/** Whoever had it made, or its schedule. */
export function MadeBy({ plan: { made_by } }: { plan: Plan }) {
  return made_by === SCHEDULE ? text.scheduled : <Principal identity={made_by} />;
}
