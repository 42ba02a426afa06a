// SPDX-License-Identifier: Apache-2.0
import { Center, Text, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useId, useState } from "react";
import { answer, api } from "@/api";
import { Copyable, Dialog, DialogForm, Failure, Loading } from "@/ui";
import { words } from "@/words";
import { QrCode } from "./QrCode";
import { OWN } from "./queries";

const text = words.secondFactors;

interface Properties {
  isOpen: boolean;
  /** Called with the recovery codes that came with it, if it was the first factor; with none when given up. */
  onEnd: (codes: readonly string[]) => void;
}

export function AddApp({ isOpen, onEnd }: Properties) {
  return (
    <Dialog title={text.appTitle} isOpen={isOpen} onClose={() => onEnd([])}>
      {isOpen && <Steps onEnd={onEnd} />}
    </Dialog>
  );
}

function Steps({ onEnd }: Pick<Properties, "onEnd">) {
  const [code, setCode] = useState("");
  const attempt = useId();
  // A secret is asked for once for each time the dialog is opened, and not kept.
  const begun = useQuery({
    queryKey: ["second-factors", "totp", attempt],
    queryFn: () => answer(api.POST(`${OWN}/totp`, { body: { name: text.defaultApp } })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
  });
  if (begun.isPending) return <Loading />;
  if (begun.isError) return <Failure error={begun.error} />;
  const { id, secret, uri } = begun.data;
  return (
    <DialogForm
      act={text.confirm}
      run={() => answer(api.POST(`${OWN}/totp:confirm`, { body: { id, code } }))}
      onDone={(made) => onEnd(made.recovery_codes)}
      onCancel={() => onEnd([])}
    >
      <Text>{text.scan}</Text>
      <Center>
        <QrCode text={uri} label={text.qr} />
      </Center>
      <Text size="sm" c="dimmed">
        {text.typeIt}
      </Text>
      <Copyable value={secret} what={text.secret} />
      <TextInput
        label={text.code}
        value={code}
        onChange={(event) => setCode(event.currentTarget.value)}
        autoComplete="one-time-code"
        inputMode="numeric"
        data-autofocus
        required
        withAsterisk={false}
      />
    </DialogForm>
  );
}
