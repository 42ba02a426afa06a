// SPDX-License-Identifier: Apache-2.0
import { Code, Stack, Text } from "@mantine/core";
import { actionsColumn, type Column, Empty, EndlessTable, sinceAndBy } from "@/ui";
import { words } from "@/words";
import { type Template, useTemplates } from "./queries";
import { TemplateActions } from "./TemplateActions";
import { TryName } from "./TryName";

const text = words.templates;

const COLUMNS: Column<Template>[] = [
  { id: "name", header: text.columns.name, cell: ({ row }) => <Named template={row.original} /> },
  {
    id: "pattern",
    header: text.columns.pattern,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Code>{row.original.pattern}</Code>,
  },
  { id: "start", header: text.columns.start, cell: ({ row }) => <Said template={row.original} /> },
  ...sinceAndBy(text.columns, (template: Template) => [template.changed_at, template.changed_by]),
];

const CHANGING_COLUMNS: Column<Template>[] = [
  ...COLUMNS,
  actionsColumn((template) => <TemplateActions template={template} />),
];

interface Properties {
  /** Whose they are, empty for the registry. */
  project: string;
  mayChange: boolean;
}

/** Templates, and a field to try a name. */
export function TemplateList({ project, mayChange }: Properties) {
  return (
    <Stack>
      <EndlessTable
        label={text.title}
        list={useTemplates(project)}
        columns={mayChange ? CHANGING_COLUMNS : COLUMNS}
        keyOf={(template) => template.name}
        empty={
          project ? (
            <Empty title={text.emptyInProject} text={text.emptyInProjectHint} />
          ) : (
            <Empty title={text.empty} text={text.emptyHint} />
          )
        }
      />
      <TryName project={project} />
    </Stack>
  );
}

function Named({ template: { name, purpose, pattern } }: { template: Template }) {
  return (
    <>
      <Text size="sm" fw={500}>
        {name}
      </Text>
      <Code hiddenFrom="sm">{pattern}</Code>
      <Text size="xs" c="dimmed">
        {text.forNew[purpose]}
      </Text>
    </>
  );
}

function Said({ template: { visibility, grants } }: { template: Template }) {
  const parts = grants.map(({ principal, role, path = "" }) =>
    text.grant(principal === "creator" ? text.form.kinds.creator : principal, role, path),
  );
  const said = visibility ? [text.visible[visibility], ...parts] : parts;
  return <Text size="sm">{said.join(" · ") || text.nothing}</Text>;
}
