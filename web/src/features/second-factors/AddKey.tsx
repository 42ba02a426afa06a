// SPDX-License-Identifier: Apache-2.0
import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { attestationFrom } from "@/shell/passkey";
import { Dialog, DialogForm } from "@/ui";
import { words } from "@/words";
import { OWN } from "./queries";

const text = words.secondFactors;

interface Properties {
  isOpen: boolean;
  /** Called with the recovery codes that came with it, if it was the first factor; with none when given up. */
  onEnd: (codes: readonly string[]) => void;
}

export function AddKey({ isOpen, onEnd }: Properties) {
  const [name, setName] = useState(text.defaultKey);
  const add = async () => {
    const { id, options } = await answer(api.POST(`${OWN}/webauthn`));
    const attestation = await attestationFrom(options);
    return answer(api.POST(`${OWN}/webauthn:confirm`, { body: { id, name, attestation } }));
  };
  const cancel = () => onEnd([]);
  return (
    <Dialog title={text.keyTitle} isOpen={isOpen} onClose={cancel}>
      <DialogForm
        act={text.keyGo}
        run={add}
        onDone={(made) => onEnd(made.recovery_codes)}
        onCancel={cancel}
        explain={(error) => (error instanceof DOMException ? text.keyGaveUp : error)}
      >
        <Text>{text.keyText}</Text>
        <TextInput
          label={text.name}
          description={text.nameHint}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
          required
          withAsterisk={false}
        />
      </DialogForm>
    </Dialog>
  );
}
