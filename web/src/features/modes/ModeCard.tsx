// SPDX-License-Identifier: Apache-2.0
import { Button, Paper, Stack, Text, Textarea, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Choice, Dialog, DialogForm, Fact, Facts, Moment, Principal } from "@/ui";
import { words } from "@/words";
import { KEY, type Mode, type ModeRequest, type ModeView } from "./queries";

const text = words.modes;
const MAX_REASON_CHARACTERS = 300;

interface Properties {
  about: string;
  mode: ModeView;
  /** How to set another, where the viewer may. */
  set?: ((request: ModeRequest) => Promise<ModeView>) | undefined;
}

/** The mode of the registry or of a project, and the way to another. */
export function ModeCard({ about, mode, set }: Properties) {
  const [isOpen, { open, close }] = useDisclosure();
  const { in_force } = mode;
  return (
    <Paper withBorder p="md" component="section" maw={760}>
      <Stack gap="sm">
        <Title order={2} size="h4">
          {text.title}
        </Title>
        <Text>{about}</Text>
        <Facts>
          <Fact name={text.now}>{text.modes[mode.mode].label}</Fact>
          {mode.reason && <Fact name={text.reason}>{mode.reason}</Fact>}
          {mode.set_at && (
            <Fact name={text.since}>
              <Moment at={mode.set_at} />
            </Fact>
          )}
          {mode.set_by && (
            <Fact name={text.by}>
              <Principal identity={mode.set_by} />
            </Fact>
          )}
        </Facts>
        {in_force.mode !== mode.mode && <Text>{text.stricter(text.modes[in_force.mode].label)}</Text>}
        {set && (
          <Button variant="default" onClick={open} w="max-content">
            {text.change}
          </Button>
        )}
      </Stack>
      {set && (
        <Dialog title={text.changeTitle} isOpen={isOpen} onClose={close}>
          <ModeForm mode={mode} set={set} onClose={close} />
        </Dialog>
      )}
    </Paper>
  );
}

function ModeForm({
  mode,
  set,
  onClose,
}: Required<Pick<Properties, "mode" | "set">> & { onClose: () => void }) {
  const [wanted, setWanted] = useState<Mode>(mode.mode);
  const [reason, setReason] = useState(mode.reason);
  const queries = useQueryClient();
  const done = () => {
    void queries.invalidateQueries({ queryKey: [KEY] });
    onClose();
  };
  return (
    <DialogForm
      act={text.act}
      run={() => set({ mode: wanted, reason: wanted === "rw" ? "" : reason })}
      onDone={done}
      onCancel={onClose}
    >
      <Choice label={text.title} options={text.modes} value={wanted} onChange={setWanted} />
      {wanted !== "rw" && (
        <Textarea
          label={text.reason}
          description={text.reasonAbout}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
          maxLength={MAX_REASON_CHARACTERS}
          autosize
          data-autofocus
        />
      )}
    </DialogForm>
  );
}
