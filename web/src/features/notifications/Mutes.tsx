// SPDX-License-Identifier: Apache-2.0
import { Anchor, Button, Group, Stack, Table, Text } from "@mantine/core";
import { useState } from "react";
import { Empty, Failure, Loading, Moment, tellRefused } from "@/ui";
import { notifications } from "@/words/notifications";
import { MuteDialog, type Proposed } from "./MuteDialog";
import { type Mute, type NotificationKind, useActs, useKinds, useMutes } from "./queries";

const text = notifications.mutes;

/** What the viewer does not want to hear of. */
export function Mutes({ onBack }: { onBack: () => void }) {
  const [proposed, propose] = useState<Proposed | null>(null);
  return (
    <Stack>
      <Anchor component="button" type="button" onClick={onBack} ta="left" w="max-content">
        {notifications.back}
      </Anchor>
      <Group justify="space-between">
        <Text c="dimmed" maw={720}>
          {text.about}
        </Text>
        <Button onClick={() => propose({})}>{text.add}</Button>
      </Group>
      <List />
      <MuteDialog proposed={proposed} onClose={() => propose(null)} />
    </Stack>
  );
}

function List() {
  const mutes = useMutes();
  const kinds = useKinds();
  const failed = mutes.error ?? kinds.error;
  if (mutes.data && kinds.data) return <Rows mutes={mutes.data} kinds={kinds.data} />;
  if (!failed) return <Loading />;
  return <Failure error={failed} retry={() => void (mutes.error ? mutes.refetch() : kinds.refetch())} />;
}

function Rows({ mutes, kinds }: { mutes: Mute[]; kinds: NotificationKind[] }) {
  if (!mutes.length) return <Empty title={text.none} text={text.noneHint} />;
  return (
    <Table aria-label={text.list} verticalSpacing="sm">
      <Table.Tbody>
        {mutes.map((mute) => (
          <Row key={mute.id} mute={mute} kinds={kinds} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ mute, kinds }: { mute: Mute; kinds: NotificationKind[] }) {
  const { unmute } = useActs();
  const about = kinds.find((kind) => kind.name === mute.kind)?.about ?? mute.kind ?? text.anyKind;
  const place = mute.repository ?? mute.project;
  return (
    <Table.Tr>
      <Table.Td>
        <Text size="sm" fw={600}>
          {about}
        </Text>
        {place && (
          <Text size="sm" style={{ overflowWrap: "anywhere" }}>
            {mute.repository ? text.repository : text.project} {place}
          </Text>
        )}
        <Text size="sm" c="dimmed" component="div">
          {mute.until ? (
            <>
              {text.until} <Moment at={mute.until} />
            </>
          ) : (
            text.ever
          )}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        <Button
          variant="default"
          size="xs"
          onClick={() => void unmute(mute.id).catch((error) => tellRefused(error, text.unmute))}
        >
          {text.unmute}
        </Button>
      </Table.Td>
    </Table.Tr>
  );
}
