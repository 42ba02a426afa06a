// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, type ModalProps, Stack } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { words } from "@/words";
import { Command } from "./Copy";
import { Dialog } from "./Dialog";

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

interface DialogProperties<Made> extends Pick<ModalProps, "size"> {
  title: (made: Made | undefined) => string;
  isOpen: boolean;
  onClose: () => void;
  /** What is asked first; it calls `show` with what was made, or `close`. */
  ask: (show: (made: Made) => void, close: () => void) => ReactNode;
  /** What was made, with a `Secret`. */
  shown: (made: Made, close: () => void) => ReactNode;
}

/** Asks for something with a secret, then shows it: nothing but a button inside closes the dialog from then on. */
export function SecretDialog<Made>({ title, onClose, ask, shown, ...rest }: DialogProperties<Made>) {
  const [made, setMade] = useState<Made>();
  const close = () => {
    setMade(undefined);
    onClose();
  };
  return (
    <Dialog title={title(made)} isHeld={made !== undefined} onClose={close} {...rest}>
      {made === undefined ? ask(setMade, close) : shown(made, close)}
    </Dialog>
  );
}
