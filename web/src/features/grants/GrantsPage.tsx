// SPDX-License-Identifier: Apache-2.0
import { Button, Code } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { type Column, Dialog, Empty, EndlessTable, Moment, Page, Principal } from "@/ui";
import { words } from "@/words";
import { GiveGrant } from "./GiveGrant";
import { covered } from "./patterns";
import { type Grant, useGrants } from "./queries";
import { RoleName } from "./RoleName";
import { TakeGrant } from "./TakeGrant";

const text = words.grants;

const COLUMNS: Column<Grant>[] = [
  { id: "who", header: text.columns.who, cell: ({ row }) => <Principal identity={row.original.principal} /> },
  { id: "role", header: text.columns.role, cell: ({ row }) => <RoleName role={row.original.role} /> },
  {
    id: "pattern",
    header: text.columns.pattern,
    cell: ({ row }) => <Code title={covered(row.original.path_pattern)}>{row.original.path_pattern}</Code>,
  },
  {
    id: "since",
    header: text.columns.since,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Moment at={row.original.created_at} />,
  },
  {
    id: "by",
    header: text.columns.by,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <Principal identity={row.original.created_by} />,
  },
  {
    id: "actions",
    header: text.columns.actions,
    meta: { isNumber: true },
    cell: ({ row }) => <TakeGrant grant={row.original} />,
  },
];

export default function GrantsPage() {
  const list = useGrants();
  const [isOpen, { open, close }] = useDisclosure();
  const give = (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      {text.give}
    </Button>
  );
  return (
    <Page title={text.title} about={text.about} actions={give}>
      <EndlessTable
        label={text.title}
        list={list}
        columns={COLUMNS}
        keyOf={(grant) => `${grant.principal} ${grant.path_pattern} ${grant.role}`}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <Dialog size="lg" title={text.giving.title} isOpen={isOpen} onClose={close}>
        <GiveGrant onEnd={close} />
      </Dialog>
    </Page>
  );
}
