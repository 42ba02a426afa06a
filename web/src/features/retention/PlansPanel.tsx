// SPDX-License-Identifier: Apache-2.0
import { Group, Stack, Text, UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
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
  onOpen: (plan: string) => void;
}

/** The plans of a level, and the way to another one. */
export function PlansPanel({ scope, mayChange, onOpen }: Properties) {
  const plans = usePlans(scope);
  const columns = useMemo(() => columnsFor(onOpen), [onOpen]);
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
        columns={columns}
        keyOf={(plan) => plan.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function columnsFor(onOpen: (plan: string) => void): Column<Plan>[] {
  return [
    {
      id: "made",
      header: text.columns.made,
      cell: ({ row: { original: plan } }) => (
        <UnstyledButton className={classes.link} fz="sm" onClick={() => onOpen(plan.id)}>
          <Moment at={plan.made_at} />
        </UnstyledButton>
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
}

/** Whoever had it made, or its schedule. */
export function MadeBy({ plan: { made_by } }: { plan: Plan }) {
  return made_by === SCHEDULE ? text.scheduled : <Principal identity={made_by} />;
}
