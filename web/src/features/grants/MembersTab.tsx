// SPDX-License-Identifier: Apache-2.0
import { Anchor, Button, Group, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import type { ProjectSubject } from "@/shell/feature";
import {
  actionsColumn,
  type Column,
  Dialog,
  Empty,
  EndlessTable,
  Principal,
  RoleName,
  sinceAndBy,
  Until,
} from "@/ui";
import { words } from "@/words";
import { AddMember } from "./AddMember";
import { MemberActions } from "./MemberActions";
import { type Member, useMembers } from "./queries";

const text = words.grants;

function columnsOf(project: string): Column<Member>[] {
  return [
    {
      id: "who",
      header: text.columns.who,
      cell: ({ row }) => <Principal identity={row.original.principal} />,
    },
    { id: "role", header: text.columns.role, cell: ({ row }) => <RoleName role={row.original.role} /> },
    { id: "until", header: text.columns.until, cell: ({ row }) => <Until at={row.original.expires_at} /> },
    ...sinceAndBy(text.columns, (member: Member) => [member.created_at, member.created_by]),
    actionsColumn((member) => <MemberActions project={project} member={member} />),
  ];
}

export default function MembersTab({ subject: { name } }: { subject: ProjectSubject }) {
  const list = useMembers(name);
  const columns = useMemo(() => columnsOf(name), [name]);
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed">
          {text.membersAbout}{" "}
          <Anchor
            component={Link}
            to={"/grants" as "/"}
            search={{ within: name } as never}
            underline="always"
            inherit
          >
            {text.allWithin}
          </Anchor>
        </Text>
        <Button leftSection={<IconPlus size={16} />} onClick={open}>
          {text.add}
        </Button>
      </Group>
      <EndlessTable
        label={text.members}
        list={list}
        columns={columns}
        keyOf={({ principal, role, created_at }) => [principal, role, created_at].join(" ")}
        empty={<Empty title={text.noMembers} text={text.noMembersHint} />}
      />
      <Dialog title={text.addition.title} isOpen={isOpen} onClose={close}>
        <AddMember project={name} onEnd={close} />
      </Dialog>
    </Stack>
  );
}
