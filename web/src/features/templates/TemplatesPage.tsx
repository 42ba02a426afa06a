// SPDX-License-Identifier: Apache-2.0
import { Button, Code, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useMay } from "@/shell/session";
import { actionsColumn, type Column, Dialog, Empty, EndlessTable, Page, sinceAndBy } from "@/ui";
import { words } from "@/words";
import { type Template, useTemplates } from "./queries";
import { TemplateActions } from "./TemplateActions";
import { TemplateForm } from "./TemplateForm";
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

export default function TemplatesPage() {
  const list = useTemplates();
  const [isOpen, { open, close }] = useDisclosure();
  const isAdministrator = useMay("administer");
  const create = isAdministrator && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      {text.create}
    </Button>
  );
  return (
    <Page title={text.title} about={text.about} actions={create}>
      <Stack>
        <EndlessTable
          label={text.title}
          list={list}
          columns={isAdministrator ? CHANGING_COLUMNS : COLUMNS}
          keyOf={(template) => template.name}
          empty={<Empty title={text.empty} text={text.emptyHint} />}
        />
        <TryName />
      </Stack>
      <Dialog title={text.form.create} isOpen={isOpen} onClose={close} size="lg">
        <TemplateForm onEnd={close} />
      </Dialog>
    </Page>
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
