// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { Confirm, formatBytes } from "@/ui";
import { counted } from "@/words";
import { backup } from "@/words/backup";
import { KEY, removeBackup, useBackup } from "./queries";

const text = backup.remove;

/** Asks before a backup ends before its time, and tells what goes then. */
export function RemoveBackup({ name, onClose }: { name: string; onClose: () => void }) {
  const queries = useQueryClient();
  const remove = async () => {
    const removed = await removeBackup(name);
    notifications.show({
      title: text.done(name),
      message: removed.is_file_removed ? undefined : text.left(removed.place),
    });
    await queries.invalidateQueries({ queryKey: [KEY] });
  };
  return (
    <Confirm
      title={text.title(name)}
      text={name && <Consequences name={name} />}
      act={text.act}
      isOpen={name !== ""}
      onClose={onClose}
      run={remove}
    />
  );
}

function Consequences({ name }: { name: string }) {
  const { data, isError } = useBackup(name);
  return (
    <Stack gap="xs">
      {data && <Text inherit>{text.what(data.place)}</Text>}
      {!data && !isError && <Text inherit>{text.looking}</Text>}
      {data && (
        <Text inherit fw={600}>
          {data.held_back.objects
            ? text.frees(counted(data.held_back.objects, text.objects), formatBytes(data.held_back.bytes))
            : text.freesNothing}
        </Text>
      )}
      <Text inherit>{text.later}</Text>
    </Stack>
  );
}
