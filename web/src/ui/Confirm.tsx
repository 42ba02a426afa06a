// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { words } from "@/words";
import { Dialog } from "./Dialog";
import { Refusal } from "./states";

interface Properties {
  title: string;
  /** What will happen, and whether it can be undone. */
  text: ReactNode;
  /** What the button says: the act, never "OK". */
  act: string;
  /** To be typed before the act, where it destroys much. */
  typed?: string;
  /** Of an act that hurts nobody. */
  isHarmless?: boolean;
  isOpen: boolean;
  onClose: () => void;
  run: () => Promise<unknown>;
}

/** Asks before an act that hurts; stays open, with the reason, when the act is refused. */
export function Confirm({ title, text, act, typed, isHarmless, isOpen, onClose, run }: Properties) {
  const [given, setGiven] = useState("");
  const acting = useMutation({ mutationFn: run });
  const close = () => {
    acting.reset();
    setGiven("");
    onClose();
  };
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          acting.mutate(undefined, { onSuccess: close });
        }}
      >
        <Stack>
          <Text component="div">{text}</Text>
          {typed && (
            <TextInput
              label={words.ui.confirmByTyping(typed)}
              value={given}
              onChange={(event) => setGiven(event.currentTarget.value)}
              autoComplete="off"
              data-autofocus
            />
          )}
          <Refusal error={acting.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.ui.cancel}
            </Button>
            <Button
              color={isHarmless ? undefined : "red.9"}
              type="submit"
              loading={acting.isPending}
              disabled={!!typed && given !== typed}
            >
              {act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
