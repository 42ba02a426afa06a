// SPDX-License-Identifier: Apache-2.0
import { Badge, Code } from "@mantine/core";
import type { ProjectSubject } from "@/shell/feature";
import { type Column, Empty, EndlessTable } from "@/ui";
import { words } from "@/words";
import { Described } from "./Described";
import { type Guardrail, useProjectGuardrails } from "./queries";

const text = words.guardrails;

const COLUMNS: Column<Guardrail>[] = [
  { id: "name", header: text.columns.name, cell: ({ row }) => <Described guardrail={row.original} /> },
  {
    id: "pattern",
    header: text.columns.pattern,
    cell: ({ row }) => <Code>{row.original.path_pattern}</Code>,
  },
  {
    id: "mode",
    header: text.columns.mode,
    cell: ({ row: { original } }) => (
      <Badge variant="light" color={original.mode === "enforce" ? "blue" : "gray"}>
        {text.modes[original.mode]}
      </Badge>
    ),
  },
];

/** The guardrails that are about something in a project, for those who administer it. */
export default function ProjectTab({ subject: { name } }: { subject: ProjectSubject }) {
  return (
    <EndlessTable
      label={text.title}
      list={useProjectGuardrails(name)}
      columns={COLUMNS}
      keyOf={(guardrail) => guardrail.name}
      empty={<Empty title={text.noneInProject} text={text.noneInProjectHint} />}
    />
  );
}
