// SPDX-License-Identifier: Apache-2.0
import { Button, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { answer, api } from "@/api";
import { Dialog, DialogForm } from "@/ui";
import { bin } from "@/words/bin";
import { useRefresh } from "./queries";

const text = bin.window;
const MOST_DAYS = 90;

interface Properties {
  name: string;
  /** Null for as many as are configured. */
  days: number | null;
}

/** For how long what is deleted in a project can be restored, and the way to another span. */
export function WindowSetting({ name, days }: Properties) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Text>{days === null ? text.configured : text.days(days)}</Text>
      <Button variant="default" onClick={open}>
        {text.button}
      </Button>
      <Dialog title={text.dialog} isOpen={isOpen} onClose={close}>
        <Form name={name} days={days} onEnd={close} />
      </Dialog>
    </>
  );
}

function Form({ name, days, onEnd }: Properties & { onEnd: () => void }) {
  const [typed, setTyped] = useState(days === null ? "" : String(days));
  const refresh = useRefresh();
  const wanted = typed.trim() === "" ? null : Number(typed);
  const isValid = wanted === null || (Number.isInteger(wanted) && wanted >= 1 && wanted <= MOST_DAYS);
  const run = async () => {
    const body = { undelete_days: wanted };
    await answer(api.PATCH("/api/v1/projects/{name}", { params: { path: { name } }, body }));
    refresh();
  };
  return (
    <DialogForm act={text.act} isReady={isValid} run={run} onDone={onEnd} onCancel={onEnd}>
      <TextInput
        label={text.field}
        description={text.rule}
        inputMode="numeric"
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        data-autofocus
      />
    </DialogForm>
  );
}
