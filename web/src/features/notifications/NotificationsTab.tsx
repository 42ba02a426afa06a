// SPDX-License-Identifier: Apache-2.0
import { Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { type Column, Empty, EndlessTable, Moment, useInAddress } from "@/ui";
import { notifications as text } from "@/words/notifications";
import { PreferencesForm } from "./PreferencesForm";
import { type Notification, useActs, useNotifications } from "./queries";

const COLOURS: Readonly<Record<string, string>> = { info: "gray", warning: "yellow", critical: "red" };

const COLUMNS: Column<Notification>[] = [
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
];

/** What the viewer heard of, or how they want to. */
export default function NotificationsTab() {
  const [shown, show] = useInAddress("show");
  return shown === "preferences" ? (
    <PreferencesForm onBack={() => show("")} />
  ) : (
    <List onPreferences={() => show("preferences")} />
  );
}

function List({ onPreferences }: { onPreferences: () => void }) {
  const list = useNotifications();
  const { read } = useActs();
  const newest = list.data?.pages[0]?.items[0];
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" maw={720}>
          {text.about}
        </Text>
        <Group gap="xs">
          {newest && (
            <Button variant="default" onClick={() => void read(newest.id)}>
              {text.readAll}
            </Button>
          )}
          <Button variant="default" onClick={onPreferences}>
            {text.preferences}
          </Button>
        </Group>
      </Group>
      <EndlessTable
        label={text.list}
        list={list}
        columns={COLUMNS}
        keyOf={(each) => each.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function Severity({ told }: { told: Notification }) {
  return (
    <Badge variant="light" color={COLOURS[told.severity] ?? "gray"} tt="none" miw="max-content">
      {text.severities[told.severity]}
    </Badge>
  );
}

/** What happened, where it leads; on a phone how much it matters and when, too. */
function What({ told }: { told: Notification }) {
  return (
    <>
      <Group gap={6}>
        {!told.is_read && (
          <Badge size="xs" tt="none" miw="max-content">
            {text.unread}
          </Badge>
        )}
        <Anchor href={`.${told.path}`} size="sm" fw={told.is_read ? 400 : 600}>
          {told.text}
        </Anchor>
      </Group>
      <Group gap={6} hiddenFrom="sm">
        <Severity told={told} />
        <Text size="xs" c="dimmed" component="div">
          <Moment at={told.last_at} />
        </Text>
      </Group>
    </>
  );
}
