// SPDX-License-Identifier: Apache-2.0
import { Badge, Box, Code } from "@mantine/core";
import { useMay } from "@/shell/session";
import { type Column, Command, Empty, EndlessTable, Moment, Page, Principal } from "@/ui";
import { words } from "@/words";
import { Described } from "./Described";
import { type Guardrail, useGuardrails } from "./queries";
import { SetMode } from "./SetMode";

const text = words.guardrails;

const COLUMNS: Column<Guardrail>[] = [
  { id: "name", header: text.columns.name, cell: ({ row }) => <Described guardrail={row.original} /> },
  {
    id: "pattern",
    header: text.columns.pattern,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Code>{row.original.path_pattern}</Code>,
  },
  { id: "mode", header: text.columns.mode, cell: ({ row }) => <ModeBadge guardrail={row.original} /> },
  {
    id: "changedAt",
    header: text.columns.changedAt,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Moment at={row.original.changed_at} />,
  },
  {
    id: "changedBy",
    header: text.columns.changedBy,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Principal identity={row.original.changed_by} />,
  },
];

const CHANGING_COLUMNS: Column<Guardrail>[] = [
  ...COLUMNS,
  {
    id: "actions",
    header: text.columns.actions,
    meta: { isNumber: true },
    cell: ({ row }) => <SetMode guardrail={row.original} />,
  },
];

export default function GuardrailsPage() {
  const list = useGuardrails();
  const isAdministrator = useMay("administer");
  return (
    <Page title={text.title} about={text.about}>
      <EndlessTable
        label={text.title}
        list={list}
        columns={isAdministrator ? CHANGING_COLUMNS : COLUMNS}
        keyOf={(guardrail) => guardrail.name}
        empty={<Empty title={text.empty} text={text.emptyHint} action={<FirstOne />} />}
      />
    </Page>
  );
}

function FirstOne() {
  return (
    <Box maw="100%">
      <Command text={text.emptyCommand} what={text.command} />
    </Box>
  );
}

function ModeBadge({ guardrail: { mode } }: { guardrail: Guardrail }) {
  return (
    <Badge variant="dot" color={mode === "enforce" ? "teal" : "gray"} tt="none" miw="max-content">
      {text.modes[mode]}
    </Badge>
  );
}
