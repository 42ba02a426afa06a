// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Text } from "@mantine/core";
import { type Column, Empty, EndlessTable, Moment, Principal } from "@/ui";
import { notifications } from "@/words/notifications";
import { type Mail, useMails } from "./administration";

const text = notifications.administration;
const NARROW = { isHiddenWhenNarrow: true };
const COLOURS: Readonly<Record<Mail["state"], string>> = {
  waiting: "blue",
  sent: "green",
  failed: "red",
  dropped: "orange",
};

const columns: Column<Mail>[] = [
  { id: "to", header: text.to, cell: ({ row }) => <To mail={row.original} /> },
  { id: "state", header: text.state, cell: ({ row }) => <State mail={row.original} /> },
  {
    id: "when",
    header: notifications.when,
    cell: ({ row }) => <Moment at={row.original.created_at} />,
    meta: NARROW,
  },
];

/** The mails of the last days, without what they say. */
export function MailLog() {
  const list = useMails();
  return (
    <EndlessTable
      label={text.mailList}
      list={list}
      columns={columns}
      keyOf={(each) => each.id}
      empty={<Empty title={text.noMails} text={text.noMailsHint} />}
    />
  );
}

function To({ mail }: { mail: Mail }) {
  return (
    <div style={{ overflowWrap: "anywhere" }}>
      <Principal identity={mail.person} />
      <Text size="sm" c="dimmed">
        {mail.address}
      </Text>
    </div>
  );
}

function State({ mail }: { mail: Mail }) {
  return (
    <>
      <Group gap={6}>
        <Badge variant="light" color={COLOURS[mail.state]} tt="none" miw="max-content">
          {text.states[mail.state]}
        </Badge>
        <Text size="sm" c="dimmed">
          {text.tells(mail.notifications)}
        </Text>
      </Group>
      {mail.error && (
        <Text size="sm" style={{ overflowWrap: "anywhere" }}>
          {mail.error}
        </Text>
      )}
    </>
  );
}
