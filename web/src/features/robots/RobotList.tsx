// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { actionsColumn, type Column, Empty, EndlessTable, Moment } from "@/ui";
import { words } from "@/words";
import { CreateRobot } from "./CreateRobot";
import { type Robot, useRobots } from "./queries";
import { RobotActions } from "./RobotActions";
import { RobotState, SecretState } from "./states";

const text = words.robots;

const COLUMNS: Column<Robot>[] = [
  {
    id: "name",
    header: text.columns.name,
    cell: ({ row }) => <Link to={`/robots/${row.original.name}` as "/"}>{row.original.name}</Link>,
  },
  {
    id: "state",
    header: text.columns.state,
    cell: ({ row }) => <RobotState robot={row.original} />,
  },
  {
    id: "secret",
    header: text.columns.secret,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) => <SecretState secret={row.original.secret} />,
  },
  {
    id: "used",
    header: text.columns.used,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row }) =>
      row.original.last_used_at ? <Moment at={row.original.last_used_at} /> : text.neverUsed,
  },
  actionsColumn((robot) => <RobotActions robot={robot} />),
];

/** The robots of a project, or of the registry, and a way to make one. */
export function RobotList({ project }: { project: string }) {
  const list = useRobots(project);
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <Stack>
      {list.isSuccess && (
        <Group justify="flex-end">
          <Button leftSection={<IconPlus size={16} />} onClick={open}>
            {text.create}
          </Button>
        </Group>
      )}
      <EndlessTable
        label={text.title}
        list={list}
        columns={COLUMNS}
        keyOf={(robot) => robot.name}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <CreateRobot project={project} isOpen={isOpen} onClose={close} />
    </Stack>
  );
}
