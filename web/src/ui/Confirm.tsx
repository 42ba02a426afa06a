// SPDX-License-Identifier: Apache-2.0
import { Text, TextInput } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { words } from "@/words";
import { Dialog, DialogForm } from "./Dialog";

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
  const close = () => {
    setGiven("");
    onClose();
  };
  return (
    <Dialog title={title} isOpen={isOpen} onClose={close}>
      <DialogForm
        act={act}
        isReady={!typed || given === typed}
        isDangerous={!isHarmless}
        run={run}
        onDone={close}
        onCancel={close}
      >
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
      </DialogForm>
    </Dialog>
  );
}
