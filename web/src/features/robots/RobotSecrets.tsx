// SPDX-License-Identifier: Apache-2.0
import { Button, Code, Group, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useMemo } from "react";
import { answer, api } from "@/api";
import { actionsColumn, type Column, Confirm, Empty, EndlessTable, Moment } from "@/ui";
import { words } from "@/words";
import { AddSecret } from "./AddSecret";
import { type RobotSecret, useRefresh, useRobotSecrets } from "./queries";
import { SecretState } from "./states";

const text = words.robots;

/** What a robot logs in with: until when, when and from where it was last used, and a way to end it. */
export function RobotSecrets({ robot }: { robot: string }) {
  const list = useRobotSecrets(robot);
  const columns = useMemo(() => columnsOf(robot), [robot]);
  const [isAdding, { open, close }] = useDisclosure();
  return (
    <Stack gap="xs">
      <Group justify="space-between">
        <Title order={2} size="h4">
          {text.ownSecrets.title}
        </Title>
        <Button variant="default" size="compact-sm" leftSection={<IconPlus size={14} />} onClick={open}>
          {text.ownSecrets.add}
        </Button>
      </Group>
      <EndlessTable
        label={text.ownSecrets.title}
        list={list}
        columns={columns}
        keyOf={(secret) => secret.id}
        empty={<Empty title={text.secrets.none} text={text.ownSecrets.noneHint} />}
      />
      <AddSecret robot={robot} isOpen={isAdding} onClose={close} />
    </Stack>
  );
}

function columnsOf(robot: string): Column<RobotSecret>[] {
  return [
    {
      id: "state",
      header: text.columns.state,
      cell: ({ row }) => <SecretState secret={row.original} />,
    },
    {
      id: "used",
      header: text.ownSecrets.used,
      cell: ({ row }) => <LastUse secret={row.original} />,
    },
    {
      id: "created",
      header: text.columns.created,
      meta: { isHiddenWhenNarrow: true },
      cell: ({ row }) => <Moment at={row.original.created_at} />,
    },
    {
      id: "id",
      header: text.ownSecrets.id,
      meta: { isHiddenWhenNarrow: true },
      cell: ({ row }) => <Code>{row.original.id}</Code>,
    },
    actionsColumn((secret) => <Revoke robot={robot} secret={secret} />),
  ];
}

function LastUse({ secret }: { secret: RobotSecret }) {
  if (!secret.last_used_at) return <Text inherit>{text.neverUsed}</Text>;
  return (
    <Text inherit span>
      <Moment at={secret.last_used_at} /> {text.ownSecrets.from(secret.last_used_from ?? "")}
    </Text>
  );
}

function Revoke({ robot, secret: { id, state } }: { robot: string; secret: RobotSecret }) {
  const [isAsking, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const revoke = async () => {
    const path = { robot, secret: id };
    await answer(api.DELETE("/api/v1/robots/{robot}/secrets/{secret}", { params: { path } }));
    refresh();
  };
  if (state !== "live") return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        aria-label={text.ownSecrets.revokeOf(id)}
        onClick={open}
      >
        {text.ownSecrets.revoke}
      </Button>
      <Confirm
        title={text.ownSecrets.revokeTitle(robot)}
        text={text.ownSecrets.revokeText}
        act={text.ownSecrets.revoke}
        isOpen={isAsking}
        onClose={close}
        run={revoke}
      />
    </>
  );
}
