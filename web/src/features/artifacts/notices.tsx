// SPDX-License-Identifier: Apache-2.0
/** What is told beside the page after something was deleted, with the way back. */

import { Button, Group, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import type { ReactNode } from "react";
import { tellRefused } from "@/ui";
import { words } from "@/words";

const { artifacts: texts } = words;
const SHOWN_MS = 12_000;

interface Undoable {
  id: string;
  title: string;
  text?: ReactNode;
  /** What is told when it is back. */
  undone: string;
  /** False for whoever may not take it back. */
  undo: false | (() => Promise<unknown>);
}

/** Tell that something was done, with a button that takes it back. */
export function tellUndoable({ id, title, text, undone, undo }: Undoable): void {
  const run = async (back: () => Promise<unknown>) => {
    notifications.update({ id, loading: true, message: title, title: null, autoClose: false });
    try {
      await back();
      notifications.update({ id, loading: false, message: undone, color: "teal", autoClose: 4_000 });
    } catch (error) {
      notifications.hide(id);
      tellRefused(error, texts.notUndone);
    }
  };
  notifications.show({
    id,
    title,
    autoClose: SHOWN_MS,
    message: (
      <Stack gap="xs">
        {text && (
          <Text inherit component="div">
            {text}
          </Text>
        )}
        {undo && (
          <Group>
            <Button size="xs" variant="default" onClick={() => void run(undo)}>
              {texts.undo}
            </Button>
          </Group>
        )}
      </Stack>
    ),
  });
}
