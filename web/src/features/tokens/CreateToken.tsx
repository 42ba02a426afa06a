// SPDX-License-Identifier: Apache-2.0
import { Button, Group, NumberInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api";
import { useGuide } from "@/shell/guide";
import { Command, Dialog, Refusal, Secret } from "@/ui";
import { words } from "@/words";

const text = words.tokens;
const DAYS = 90;
const MOST_DAYS = 365;

interface Properties {
  user: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Creates a token, and shows its secret this once. */
export function CreateToken({ user, isOpen, onClose }: Properties) {
  const queries = useQueryClient();
  const creating = useMutation({
    mutationFn: (wanted: { name: string; expires_in_days: number }) =>
      answer(api.POST("/api/v1/tokens", { body: wanted })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
  const close = () => {
    creating.reset();
    onClose();
  };
  const made = creating.data;
  return (
    <Dialog
      title={made ? text.made(made.name) : text.create}
      isOpen={isOpen}
      isHeld={made !== undefined}
      size="lg"
      onClose={close}
    >
      {made ? (
        <Secret value={made.secret} what={text.secret} onDone={close}>
          <LoginLine user={user} />
        </Secret>
      ) : (
        <Form
          error={creating.error}
          isBusy={creating.isPending}
          onCancel={close}
          onSubmit={creating.mutate}
        />
      )}
    </Dialog>
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

interface Form {
  error: unknown;
  isBusy: boolean;
  onCancel: () => void;
  onSubmit: (wanted: { name: string; expires_in_days: number }) => void;
}

function Form({ error, isBusy, onCancel, onSubmit }: Form) {
  const [name, setName] = useState("");
  const [days, setDays] = useState<number | string>(DAYS);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit({ name, expires_in_days: Number(days) });
      }}
    >
      <Stack>
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
        <Refusal error={error} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            {words.ui.cancel}
          </Button>
          <Button type="submit" loading={isBusy}>
            {text.create}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
