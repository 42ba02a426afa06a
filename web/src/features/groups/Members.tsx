// SPDX-License-Identifier: Apache-2.0
import { ActionIcon } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconUserMinus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { actionsColumn, type Column, Confirm, Empty, EndlessTable, Moment, nameOf, Principal } from "@/ui";
import { words } from "@/words";
import { type Member, removeMember, useMembers, useRefresh } from "./queries";

const text = words.groups;

function columnsOf(name: string, mayChange: boolean): Column<Member>[] {
  const columns: Column<Member>[] = [
    { id: "who", header: text.memberColumns.who, cell: ({ row }) => <Who member={row.original.member} /> },
    {
      id: "since",
      header: text.memberColumns.since,
      cell: ({ row }) => <Moment at={row.original.created_at} />,
    },
    {
      id: "by",
      header: text.memberColumns.by,
      meta: { isHiddenWhenNarrow: true },
      cell: ({ row }) => <Principal identity={row.original.created_by} />,
    },
  ];
  if (!mayChange) return columns;
  return [...columns, actionsColumn((member) => <TakeOut name={name} member={member.member} />)];
}

/** Who is in a group directly. */
export function Members({ name, mayChange }: { name: string; mayChange: boolean }) {
  const list = useMembers(name);
  const columns = useMemo(() => columnsOf(name, mayChange), [name, mayChange]);
  return (
    <EndlessTable
      label={text.members}
      list={list}
      columns={columns}
      keyOf={(member) => member.member}
      empty={<Empty title={text.noMembers} text={text.noMembersHint} />}
    />
  );
}

function Who({ member }: { member: string }) {
  if (!member.startsWith("group:")) return <Principal identity={member} />;
  return (
    <Link to={`/groups/${nameOf(member)}` as "/"}>
      <Principal identity={member} />
    </Link>
  );
}

function TakeOut({ name, member }: { name: string; member: string }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const who = nameOf(member);
  const run = async () => {
    await removeMember(name, member);
    refresh();
  };
  return (
    <>
      <ActionIcon variant="subtle" color="gray" onClick={open} aria-label={text.takeOut.label(who)}>
        <IconUserMinus size={16} />
      </ActionIcon>
      <Confirm
        title={text.takeOut.title(who, name)}
        text={text.takeOut.text(who, name)}
        act={text.takeOut.act}
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </>
  );
}
