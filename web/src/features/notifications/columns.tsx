// SPDX-License-Identifier: Apache-2.0
import { Anchor, Badge, Group, Text } from "@mantine/core";
import { IconBellOff, IconCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { actionsColumn, type Column, MenuAct, Moment, RowMenu, tellRefused } from "@/ui";
import { notifications as text } from "@/words/notifications";
import type { Proposed } from "./MuteDialog";
import { type Notification, useActs, useKinds } from "./queries";

type Propose = (proposed: Proposed) => void;

const COLOURS: Readonly<Record<string, string>> = { info: "gray", warning: "yellow", critical: "red" };

/** The columns of what somebody heard of; `propose` is asked to mute something. */
export function columnsOf(propose: Propose): Column<Notification>[] {
  return [
    { id: "what", header: text.what, cell: ({ row }) => <What told={row.original} /> },
    {
      id: "severity",
      header: text.severity,
      meta: { isHiddenWhenNarrow: true },
      cell: ({ row }) => <Severity told={row.original} />,
    },
    {
      id: "when",
      header: text.when,
      meta: { isHiddenWhenNarrow: true },
      cell: ({ row }) => <Moment at={row.original.last_at} />,
    },
    actionsColumn((told) => <Acts told={told} propose={propose} />),
  ];
}

function Severity({ told }: { told: Notification }) {
  return (
    <Badge variant="light" color={COLOURS[told.severity] ?? "gray"} tt="none" miw="max-content">
      {text.severities[told.severity]}
    </Badge>
  );
}

/** What happened, where it leads; on a phone how much it matters and when, too. Whoever follows it has read it. */
function What({ told }: { told: Notification }) {
  const { read } = useActs();
  const { pathname, searchParams } = new URL(told.path, "http://console");
  return (
    <>
      <Anchor
        component={Link}
        to={decodeURIComponent(pathname)}
        search={Object.fromEntries(searchParams) as never}
        size="sm"
        fw={told.is_read ? 400 : 600}
        style={{ overflowWrap: "anywhere", whiteSpace: "normal" }}
        onClick={() => told.is_read || void read(told.id).catch(() => {})}
      >
        {told.text}
      </Anchor>
      <Group gap={6} mt={4}>
        {!told.is_read && (
          <Badge size="sm" tt="none" miw="max-content">
            {text.unread}
          </Badge>
        )}
        <Group gap={6} hiddenFrom="sm">
          <Severity told={told} />
          <Text size="xs" c="dimmed" component="div">
            <Moment at={told.last_at} />
          </Text>
        </Group>
      </Group>
    </>
  );
}

function Acts({ told, propose }: { told: Notification; propose: Propose }) {
  return <RowMenu label={text.actsOf(told.text)}>{() => <Menu told={told} propose={propose} />}</RowMenu>;
}

function Menu({ told, propose }: { told: Notification; propose: Propose }) {
  const { read } = useActs();
  const kinds = useKinds();
  const { kind, project, repository } = told;
  const isMutable = kinds.data?.some((each) => each.name === kind && !each.is_essential);
  return (
    <>
      {!told.is_read && (
        <MenuAct
          icon={IconCheck}
          onClick={() => void read(told.id).catch((error) => tellRefused(error, text.markRead))}
        >
          {text.markRead}
        </MenuAct>
      )}
      {isMutable && (
        <MenuAct icon={IconBellOff} onClick={() => propose({ kind })}>
          {text.mutes.muteKind}
        </MenuAct>
      )}
      {repository && (
        <MenuAct icon={IconBellOff} onClick={() => propose({ repository })}>
          {text.mutes.muteRepository(repository)}
        </MenuAct>
      )}
      {project && (
        <MenuAct icon={IconBellOff} onClick={() => propose({ project })}>
          {text.mutes.muteProject(project)}
        </MenuAct>
      )}
    </>
  );
}
