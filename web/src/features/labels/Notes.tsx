// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Paper, Stack, Text, Textarea, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPencil, IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import {
  Confirm,
  Dialog,
  DialogForm,
  Failure,
  Loading,
  MenuAct,
  MenuRemoval,
  Moment,
  nameOf,
  Principal,
  RowMenu,
} from "@/ui";
import { Markdown } from "@/ui/Markdown";
import { labels } from "@/words/labels";
import { type Note, type Place, useDeleteNote, useNotes, useWriteNote } from "./queries";

const text = labels.notes;

interface Properties {
  place: Place;
  maySay: boolean;
  isAdministrator: boolean;
}

export function Notes({ place, maySay, isAdministrator }: Properties) {
  const notes = useNotes(place);
  return (
    <Stack gap="sm" component="section" aria-label={text.title}>
      <Group justify="space-between">
        <Title order={2} size="h4">
          {text.title}
        </Title>
        {maySay && <Write place={place} />}
      </Group>
      <Text size="sm" c="dimmed">
        {text.about}
      </Text>
      {notes.isPending && <Loading />}
      {notes.isError && <Failure error={notes.error} retry={() => void notes.refetch()} />}
      {notes.data?.items.length === 0 && <Text>{text.none}</Text>}
      {notes.data?.items.map((note) => (
        <Shown
          key={note.id}
          place={place}
          note={note}
          mayChange={note.is_own && maySay}
          mayDelete={isAdministrator || (note.is_own && maySay)}
        />
      ))}
    </Stack>
  );
}

interface ShownProperties {
  place: Place;
  note: Note;
  mayChange: boolean;
  mayDelete: boolean;
}

function Shown({ place, note, mayChange, mayDelete }: ShownProperties) {
  return (
    <Paper withBorder p="sm" component="article">
      <Stack gap="xs">
        <Group justify="space-between" wrap="nowrap">
          <Group gap={6}>
            <Principal identity={note.author} />
            <Text size="sm" c="dimmed" component="div">
              <Moment at={note.created_at} />
              {note.changed_at !== note.created_at && (
                <>
                  {`, ${text.changed} `}
                  <Moment at={note.changed_at} />
                </>
              )}
            </Text>
          </Group>
          {(mayChange || mayDelete) && (
            <Actions place={place} note={note} mayChange={mayChange} mayDelete={mayDelete} />
          )}
        </Group>
        <Markdown text={note.text} />
      </Stack>
    </Paper>
  );
}

function Actions({ place, note, mayChange, mayDelete }: ShownProperties) {
  const [open, setOpen] = useState<"change" | "remove">();
  const close = () => setOpen(undefined);
  const remove = useDeleteNote(place, note);
  return (
    <>
      <RowMenu label={text.actionsFor(nameOf(note.author))}>
        {() => (
          <>
            {mayChange && (
              <MenuAct icon={IconPencil} onClick={() => setOpen("change")}>
                {text.change}
              </MenuAct>
            )}
            {mayDelete && <MenuRemoval onClick={() => setOpen("remove")}>{text.remove.item}</MenuRemoval>}
          </>
        )}
      </RowMenu>
      <Dialog title={text.changeTitle} isOpen={open === "change"} onClose={close} size="lg">
        <NoteForm place={place} note={note} onEnd={close} />
      </Dialog>
      <Confirm
        title={text.remove.title}
        text={text.remove.text}
        act={text.remove.act}
        isOpen={open === "remove"}
        onClose={close}
        run={remove}
      />
    </>
  );
}

function Write({ place }: { place: Place }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconPlus size={16} />} onClick={open}>
        {text.write}
      </Button>
      <Dialog title={text.write} isOpen={isOpen} onClose={close} size="lg">
        <NoteForm place={place} onEnd={close} />
      </Dialog>
    </>
  );
}

function NoteForm({ place, note, onEnd }: { place: Place; note?: Note; onEnd: () => void }) {
  const [typed, setTyped] = useState(note?.text ?? "");
  const write = useWriteNote(place, note);
  return (
    <DialogForm
      act={text.act}
      isReady={typed.trim() !== ""}
      run={() => write(typed)}
      onDone={onEnd}
      onCancel={onEnd}
    >
      <Textarea
        label={text.text}
        description={text.hint}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autosize
        minRows={4}
        maxRows={16}
        data-autofocus
        required
      />
    </DialogForm>
  );
}
