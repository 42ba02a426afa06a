// SPDX-License-Identifier: Apache-2.0
import { Badge, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconRotate } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useMay } from "@/shell/session";
import { type Column, Confirm, Copyable, Empty, EndlessTable, Moment } from "@/ui";
import { words } from "@/words";
import { type Key, rotateKey, useKeys } from "./queries";

const text = words.system.keys;
const SHOWN_CHARACTERS = 12;

const COLUMNS: Column<Key>[] = [
  { id: "state", header: text.state, cell: ({ row }) => <State isCurrent={row.original.is_current} /> },
  {
    id: "kid",
    header: text.name,
    cell: ({ row: { original } }) => (
      <Copyable value={original.kid} shown={original.kid.slice(0, SHOWN_CHARACTERS)} what={original.kid} />
    ),
  },
  { id: "algorithm", header: text.algorithm, accessorKey: "algorithm", meta: { isHiddenWhenNarrow: true } },
  {
    id: "created",
    header: text.created,
    cell: ({ row }) => <Moment at={row.original.created_at} />,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "until",
    header: text.until,
    cell: ({ row: { original } }) =>
      original.not_after ? <Moment at={original.not_after} /> : text.whileSigning,
  },
];

export default function KeysTab() {
  const keys = useKeys();
  const mayRotate = useMay("administer");
  const queries = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const rotate = async () => {
    await rotateKey();
    await queries.invalidateQueries({ queryKey: ["system", "keys"] });
  };
  return (
    <Stack>
      <Group justify="space-between" align="flex-start">
        <Text size="sm" c="dimmed" maw={720}>
          {text.about}
        </Text>
        {mayRotate && (
          <Button variant="default" leftSection={<IconRotate size={16} />} onClick={open}>
            {text.rotate}
          </Button>
        )}
      </Group>
      <EndlessTable
        label={text.label}
        list={keys}
        columns={COLUMNS}
        keyOf={(key) => key.kid}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <Confirm
        title={text.rotateTitle}
        text={text.rotateText}
        act={text.rotate}
        isOpen={isOpen}
        onClose={close}
        run={rotate}
      />
    </Stack>
  );
}

function State({ isCurrent }: { isCurrent: boolean }) {
  return (
    <Badge variant="dot" color={isCurrent ? "teal" : "gray"} tt="none" miw="max-content">
      {isCurrent ? text.current : text.former}
    </Badge>
  );
}
