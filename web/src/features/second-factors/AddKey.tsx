// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api";
import { attestationFrom } from "@/shell/passkey";
import { Dialog, Refusal } from "@/ui";
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
  const adding = useMutation({
    mutationFn: async () => {
      const { id, options } = await answer(api.POST(`${OWN}/webauthn`));
      const attestation = await attestationFrom(options);
      return answer(api.POST(`${OWN}/webauthn:confirm`, { body: { id, name, attestation } }));
    },
    onSuccess: (made) => onEnd(made.recovery_codes),
  });
  const close = () => {
    adding.reset();
    onEnd([]);
  };
  return (
    <Dialog title={text.keyTitle} isOpen={isOpen} onClose={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          adding.mutate();
        }}
      >
        <Stack>
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
          <Refusal error={adding.error instanceof DOMException ? text.keyGaveUp : adding.error} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              {words.ui.cancel}
            </Button>
            <Button type="submit" loading={adding.isPending}>
              {text.keyGo}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
