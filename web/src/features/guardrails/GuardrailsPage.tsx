// SPDX-License-Identifier: Apache-2.0
import { Box } from "@mantine/core";
import { useMay } from "@/shell/session";
import { actionsColumn, type Column, Command, Empty, EndlessTable, Page } from "@/ui";
import { words } from "@/words";
import { COLUMNS } from "./columns";
import { type Guardrail, useGuardrails } from "./queries";
import { SetMode } from "./SetMode";

const text = words.guardrails;

const CHANGING_COLUMNS: Column<Guardrail>[] = [
  ...COLUMNS,
  actionsColumn((guardrail) => <SetMode guardrail={guardrail} />),
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
