// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import {
  actionsColumn,
  type Column,
  Confirm,
  Dialog,
  Empty,
  EndlessTable,
  MenuAct,
  MenuRemoval,
  RowMenu,
} from "@/ui";
import { promotions } from "@/words/promotions";
import { PathForm } from "./PathForm";
import { deletePath, type Path, peopleOf, usePathPages, useRenewal } from "./queries";

const text = promotions.paths;
const NARROW = { isHiddenWhenNarrow: true };

const COLUMNS: Column<Path>[] = [
  { id: "path", header: text.columns.path, cell: ({ row }) => row.original.path },
  {
    id: "from",
    header: text.columns.from,
    cell: ({ row }) => row.original.repositories || row.original.source,
  },
  { id: "approvals", header: text.columns.approvals, cell: ({ row }) => approvedBy(row.original) },
  {
    id: "tags",
    header: text.columns.tags,
    meta: NARROW,
    cell: ({ row }) => row.original.tags || text.allTags,
  },
  actionsColumn((path) => <PathActions path={path} />),
];

/** The paths between projects that the viewer may see. Who may change one is decided by the server. */
export default function PathsTab() {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" maw={640}>
          {text.about}
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          {text.create}
        </Button>
      </Group>
      <Dialog title={text.createTitle} isOpen={isOpen} onClose={close} size="lg">
        <PathForm onEnd={close} />
      </Dialog>
      <EndlessTable
        label={text.list}
        list={usePathPages()}
        columns={COLUMNS}
        keyOf={({ path }) => path}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function approvedBy({ approvals, approvers }: Path): string {
  return approvals === 0 ? text.anybody : text.of(approvals, peopleOf(approvers));
}

function PathActions({ path }: { path: Path }) {
  const [open, setOpen] = useState<"change" | "remove">();
  const renew = useRenewal();
  const close = () => setOpen(undefined);
  const remove = async () => {
    await deletePath(path);
    await renew();
  };
  return (
    <>
      <RowMenu label={text.actionsFor(path.path)}>
        {() => (
          <>
            <MenuAct icon={IconPencil} onClick={() => setOpen("change")}>
              {text.change}
            </MenuAct>
            <MenuRemoval onClick={() => setOpen("remove")}>{text.remove}</MenuRemoval>
          </>
        )}
      </RowMenu>
      <Dialog title={text.changeTitle(path.path)} isOpen={open === "change"} onClose={close} size="lg">
        <PathForm path={path} onEnd={close} />
      </Dialog>
      <Confirm
        title={text.removeTitle(path.path)}
        text={text.removeText}
        act={text.remove}
        isOpen={open === "remove"}
        onClose={close}
        run={remove}
      />
    </>
  );
}
