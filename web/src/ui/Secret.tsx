// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Stack } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { words } from "@/words";
import { Command } from "./Copy";

interface Properties {
  value: string;
  /** What it is, for those who do not see it. */
  what: string;
  onDone: () => void;
  /** How to use it. */
  children?: ReactNode;
}

/** A secret that the server shows once. */
export function Secret({ value, what, onDone, children }: Properties) {
  return (
    <Stack>
      <Alert icon={<IconKey size={18} />} color="yellow">
        {words.ui.shownOnce}
      </Alert>
      <Command text={value} what={what} />
      {children}
      <Group justify="flex-end">
        <Button onClick={onDone}>{words.ui.done}</Button>
      </Group>
    </Stack>
  );
}
