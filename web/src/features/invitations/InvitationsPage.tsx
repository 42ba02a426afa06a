// SPDX-License-Identifier: Apache-2.0
import { Badge, Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { answer, api } from "@/api";
import { useMay } from "@/shell/session";
import { actionsColumn, type Column, Confirm, Empty, EndlessTable, Moment, Page } from "@/ui";
import { words } from "@/words";
import { Invite } from "./Invite";
import { type Invitation, useInvitations, useRefresh } from "./queries";

const text = words.invitations;

const COLUMNS: Column<Invitation>[] = [
  { id: "label", header: text.columns.label, cell: ({ row }) => row.original.label },
  {
    id: "state",
    header: text.columns.state,
    cell: ({ row: { original } }) => (
      <Badge variant="default" tt="none" fw={500} miw="max-content">
        {text.states[original.state]}
      </Badge>
    ),
  },
  {
    id: "name",
    header: text.columns.name,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => original.accepted_as ?? original.user_name ?? text.theirChoice,
  },
  {
    id: "groups",
    header: text.columns.groups,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => original.groups.join(", "),
  },
  {
    id: "expires",
    header: text.columns.expires,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => <Moment at={original.expires_at} />,
  },
  {
    id: "by",
    header: text.columns.by,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => original.invited_by.replace(/^user:/, ""),
  },
];

const CHANGING_COLUMNS: Column<Invitation>[] = [
  ...COLUMNS,
  actionsColumn((invitation) => <Revoke invitation={invitation} />),
];

/** Who was invited, and what came of it. */
export default function InvitationsPage() {
  const list = useInvitations();
  const [isOpen, { open, close }] = useDisclosure();
  const mayChange = useMay("administer");
  const invite = mayChange && (
    <Button leftSection={<IconPlus size={16} />} onClick={open}>
      {text.invite}
    </Button>
  );
  return (
    <Page title={text.title} about={text.about} actions={invite}>
      <EndlessTable
        label={text.title}
        list={list}
        columns={mayChange ? CHANGING_COLUMNS : COLUMNS}
        keyOf={(invitation) => invitation.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <Invite isOpen={isOpen} onClose={close} />
    </Page>
  );
}

function Revoke({ invitation }: { invitation: Invitation }) {
  const [isAsking, setAsking] = useState(false);
  const refresh = useRefresh();
  const revoke = async () => {
    const path = { invitation: invitation.id };
    await answer(api.DELETE("/api/v1/invitations/{invitation}", { params: { path } }));
    refresh();
  };
  if (invitation.state !== "pending" && invitation.state !== "void") return null;
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        color="red"
        aria-label={text.revoke.of(invitation.label)}
        onClick={() => setAsking(true)}
      >
        {text.revoke.act}
      </Button>
      <Confirm
        title={text.revoke.title(invitation.label)}
        text={text.revoke.text}
        act={text.revoke.act}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        run={revoke}
      />
    </>
  );
}
