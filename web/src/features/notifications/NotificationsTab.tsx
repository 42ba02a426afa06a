// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { Empty, EndlessTable, tellRefused, useInAddress } from "@/ui";
import { notifications as text } from "@/words/notifications";
import { columnsOf } from "./columns";
import { MuteDialog, type Proposed } from "./MuteDialog";
import { Mutes } from "./Mutes";
import { PreferencesForm } from "./PreferencesForm";
import { useActs, useNotifications } from "./queries";

/** What the viewer heard of, how they want to, or what they do not want to hear of. */
export default function NotificationsTab() {
  const [shown, show] = useInAddress("show");
  if (shown === "preferences") return <PreferencesForm onBack={() => show("")} />;
  if (shown === "mutes") return <Mutes onBack={() => show("")} />;
  return <List onShow={show} />;
}

function List({ onShow }: { onShow: (what: string) => void }) {
  const list = useNotifications();
  const { readUntil } = useActs();
  const [proposed, propose] = useState<Proposed | null>(null);
  const [columns] = useState(() => columnsOf(propose));
  const items = list.data?.pages.flatMap((page) => page.items) ?? [];
  const newest = items[0];
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed" maw={720}>
          {text.about}
        </Text>
        <Group gap="xs">
          {newest && items.some((each) => !each.is_read) && (
            <Button
              variant="default"
              onClick={() => void readUntil(newest.id).catch((error) => tellRefused(error, text.readAll))}
            >
              {text.readAll}
            </Button>
          )}
          <Button variant="default" onClick={() => onShow("preferences")}>
            {text.preferences}
          </Button>
          <Button variant="default" onClick={() => onShow("mutes")}>
            {text.mutes.open}
          </Button>
        </Group>
      </Group>
      <EndlessTable
        label={text.list}
        list={list}
        columns={columns}
        keyOf={(each) => each.id}
        empty={<Empty title={text.none} text={text.noneHint} />}
      />
      <MuteDialog proposed={proposed} onClose={() => propose(null)} />
    </Stack>
  );
}
