// SPDX-License-Identifier: Apache-2.0
import { Button, CloseButton, Group, Modal, type ModalProps, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { createContext, type ReactNode, useContext, useEffect, useId, useState } from "react";
import { words } from "@/words";
import { Refusal } from "./states";

interface Properties extends Pick<ModalProps, "size" | "zIndex"> {
  title: string;
  isOpen: boolean;
  onClose: () => void;
  /** True where closing by accident would lose something: only a button inside closes it then. */
  isHeld?: boolean;
  children: ReactNode;
}

/** Tells the dialog around it whether an act is under way, whose end would be seen by nobody if it closed. */
const Acting = createContext<(isActing: boolean) => void>(() => {});

/** The dialogs that are open, the one on top last. */
const open: string[] = [];

/** Something to do or to read before going on. Its first field, marked `data-autofocus`, gets the focus. */
export function Dialog({ title, isOpen, onClose, isHeld = false, children, ...rest }: Properties) {
  const id = useId();
  const [isActing, setActing] = useState(false);
  useEffect(() => {
    if (!isOpen) return;
    open.push(id);
    return () => void open.splice(open.indexOf(id), 1);
  }, [isOpen, id]);
  // Every open dialog hears of Escape, one after the other: none closes before all have been asked.
  const closeIfOnTop = () => {
    if (open.at(-1) === id) setTimeout(onClose);
  };
  return (
    <Modal.Root
      opened={isOpen}
      onClose={closeIfOnTop}
      closeOnClickOutside={false}
      closeOnEscape={!isHeld && !isActing}
      {...rest}
    >
      <Modal.Overlay />
      <Modal.Content>
        <Modal.Body pt="md">
          <Group justify="space-between" wrap="nowrap" mb="md">
            <Modal.Title fz="lg" fw={650}>
              {title}
            </Modal.Title>
            {!isHeld && <CloseButton onClick={onClose} disabled={isActing} aria-label={words.ui.close} />}
          </Group>
          <Acting value={setActing}>{children}</Acting>
        </Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

interface FormProperties<Answer> {
  /** What the button says: the act, never "OK". */
  act: string;
  /** Whether what was given can be sent. */
  isReady?: boolean;
  /** Of an act that hurts. */
  isDangerous?: boolean;
  run: () => Promise<Answer>;
  onDone: (answer: Answer) => void;
  onCancel: () => void;
  /** Puts a failure into words of its own. */
  explain?: (error: Error | null) => unknown;
  children: ReactNode;
}

/** The fields of a dialog and its act. A refusal is shown in it, and what was typed stays. */
export function DialogForm<Answer>({
  act,
  isReady = true,
  isDangerous = false,
  run,
  onDone,
  onCancel,
  explain = (error) => error,
  children,
}: FormProperties<Answer>) {
  const acting = useMutation({ mutationFn: run, onSuccess: onDone });
  const tell = useContext(Acting);
  useEffect(() => {
    tell(acting.isPending);
    return () => tell(false);
  }, [acting.isPending, tell]);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) acting.mutate();
      }}
    >
      <Stack>
        {children}
        <Refusal error={explain(acting.error)} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel} disabled={acting.isPending}>
            {words.ui.cancel}
          </Button>
          <Button
            color={isDangerous ? "red.9" : undefined}
            type="submit"
            loading={acting.isPending}
            disabled={!isReady}
          >
            {act}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
