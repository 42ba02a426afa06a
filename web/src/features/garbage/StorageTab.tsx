// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { Bytes, type Column, Empty, EndlessTable } from "@/ui";
import { garbage } from "@/words/garbage";
import { type ProjectStorage, useStorage } from "./queries";

const text = garbage.storage;

type Part = "unique" | "shared" | "binned" | "leased" | "uploads";

function part(id: Part): Column<ProjectStorage> {
  return {
    id,
    header: text[id],
    cell: ({ row: { original } }) => (
      <>
        {!original.is_complete && id !== "uploads" && `${text.partly} `}
        <Bytes value={original[id]} />
      </>
    ),
    meta: { isNumber: true },
  };
}

const COLUMNS: Column<ProjectStorage>[] = [
  { id: "project", header: text.project, accessorKey: "project" },
  part("unique"),
  part("shared"),
  part("binned"),
  part("leased"),
  part("uploads"),
];

export default function StorageTab() {
  const storage = useStorage();
  return (
    <Stack>
      <Text size="sm" c="dimmed" maw={720}>
        {text.about}
      </Text>
      <EndlessTable
        label={text.label}
        list={storage}
        columns={COLUMNS}
        keyOf={(project) => project.project}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}
