// SPDX-License-Identifier: Apache-2.0
import { NumberInput, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type components } from "@/api";
import { useGuide } from "@/shell/guide";
import { AddressesField, addressesIn, Command, DialogForm, Secret, SecretDialog } from "@/ui";
import { words } from "@/words";

type Made = components["schemas"]["NewTokenView"];

const text = words.tokens;
const DAYS = 90;
const MOST_DAYS = 365;

interface Properties {
  user: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Creates a token, and shows its secret this once. */
export function CreateToken({ user, ...dialog }: Properties) {
  const queries = useQueryClient();
  return (
    <SecretDialog<Made>
      {...dialog}
      size="lg"
      title={(made) => (made ? text.made(made.name) : text.create)}
      ask={(show, close) => (
        <TokenForm
          onDone={(made) => {
            show(made);
            void queries.invalidateQueries({ queryKey: ["tokens"] });
          }}
          onCancel={close}
        />
      )}
      shown={({ secret }, close) => (
        <Secret value={secret} what={text.secret} onDone={close}>
          <LoginLine user={user} />
        </Secret>
      )}
    />
  );
}

function LoginLine({ user }: { user: string }) {
  const address = useGuide().data?.address ?? location.host;
  return (
    <div>
      <Text size="sm" c="dimmed">
        {text.useIt}
      </Text>
      <Command text={`docker login ${address} --username ${user}`} what={text.login} />
    </div>
  );
}

function TokenForm({ onDone, onCancel }: { onDone: (made: Made) => void; onCancel: () => void }) {
  const [name, setName] = useState("");
  const [days, setDays] = useState<number | string>(DAYS);
  const [addresses, setAddresses] = useState("");
  const body = { name, expires_in_days: Number(days), allowed_addresses: addressesIn(addresses) };
  return (
    <DialogForm
      act={text.create}
      run={() => answer(api.POST("/api/v1/tokens", { body }))}
      onDone={onDone}
      onCancel={onCancel}
    >
      <TextInput
        label={text.name}
        description={text.nameHint}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        data-autofocus
        required
        withAsterisk={false}
      />
      <NumberInput
        label={text.days}
        description={text.daysHint}
        value={days}
        onChange={setDays}
        min={1}
        max={MOST_DAYS}
      />
      <AddressesField value={addresses} onChange={setAddresses} />
    </DialogForm>
  );
}
