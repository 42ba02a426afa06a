// SPDX-License-Identifier: Apache-2.0
import { Badge, Box, Code, Text } from "@mantine/core";
import { type Column, sinceAndBy } from "@/ui";
import { words } from "@/words";
import type { Guardrail } from "./queries";

const text = words.guardrails;

/** What is told of a guardrail, wherever it is listed. */
export const COLUMNS: Column<Guardrail>[] = [
  { id: "name", header: text.columns.name, cell: ({ row }) => <Described guardrail={row.original} /> },
  {
    id: "pattern",
    header: text.columns.pattern,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Code>{row.original.path_pattern}</Code>,
  },
  { id: "mode", header: text.columns.mode, cell: ({ row }) => <ModeBadge guardrail={row.original} /> },
  ...sinceAndBy(text.columns, (guardrail: Guardrail) => [guardrail.changed_at, guardrail.changed_by]),
];

/** The name of a guardrail, what it is about, and why it is there; on a phone its pattern too. */
function Described({ guardrail }: { guardrail: Guardrail }) {
  return (
    <Box style={{ overflowWrap: "anywhere" }}>
      <Text size="sm" fw={500}>
        {guardrail.name}
      </Text>
      <Code hiddenFrom="sm">{guardrail.path_pattern}</Code>
      <Text size="xs" c="dimmed">
        {[text.kinds[guardrail.kind], guardrail.reason].filter(Boolean).join(" · ")}
      </Text>
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
