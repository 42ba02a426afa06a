// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, NativeSelect, Stack, Text, Textarea, TextInput } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { DialogForm } from "@/ui";
import { counted, words } from "@/words";
import { audit } from "@/words/audit";
import { erase, LONGEST_REASON, useRefresh } from "./queries";

const text = audit.erasing;
const KINDS = Object.entries(text.kinds).map(([value, label]) => ({ value, label }));

type Kind = keyof typeof text.kinds;

interface Properties {
  /** Whether a hold is in force, as far as is known here. */
  isHeld: boolean;
  onEnd: () => void;
}

/** Asks whom to forget, and tells what went. */
export function EraseName({ isHeld, onEnd }: Properties) {
  const [subject, setSubject] = useState("");
  const [details, setDetails] = useState<number>();
  if (details === undefined)
    return <Asking isHeld={isHeld} onSubject={setSubject} onErased={setDetails} onCancel={onEnd} />;
  return (
    <Stack>
      <Text role="status">{text.done(subject, counted(details, audit.record))}</Text>
      <Group justify="flex-end">
        <Button onClick={onEnd} data-autofocus>
          {words.ui.done}
        </Button>
      </Group>
    </Stack>
  );
}

interface AskingProperties {
  isHeld: boolean;
  /** Is told who is being forgotten. */
  onSubject: (subject: string) => void;
  onErased: (details: number) => void;
  onCancel: () => void;
}

function Asking({ isHeld, onSubject, onErased, onCancel }: AskingProperties) {
  const [kind, setKind] = useState<Kind>("user");
  const [name, setName] = useState("");
  const [reason, setReason] = useState("");
  const [typed, setTyped] = useState("");
  const refresh = useRefresh();
  const subject = `${kind}:${name.trim()}`;
  const isNamed = name.trim() !== "" && reason.toLowerCase().includes(name.trim().toLowerCase());
  const run = () => {
    onSubject(subject);
    return erase(subject, reason.trim());
  };
  const done = (details: number) => {
    refresh();
    onErased(details);
  };
  const isReady = name.trim() !== "" && reason.trim() !== "" && typed === subject;
  return (
    <DialogForm act={text.act} isDangerous isReady={isReady} run={run} onDone={done} onCancel={onCancel}>
      <Text>{text.about}</Text>
      {isHeld && (
        <Alert color="orange" icon={<IconLock size={18} />}>
          {text.held}
        </Alert>
      )}
      <NativeSelect
        label={text.kind}
        data={KINDS}
        value={kind}
        onChange={(event) => setKind(event.currentTarget.value as Kind)}
      />
      <TextInput
        label={text.name}
        description={text.names[kind]}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
      <Textarea
        label={text.reason}
        description={text.reasonRule}
        error={isNamed ? text.reasonNames : undefined}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={LONGEST_REASON}
        autosize
        required
      />
      {name.trim() && (
        <TextInput
          label={words.ui.confirmByTyping(subject)}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </DialogForm>
  );
}
