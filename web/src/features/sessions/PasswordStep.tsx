// SPDX-License-Identifier: Apache-2.0
import { Button, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api";
import { useTakeSession } from "@/shell/session";
import { Refusal } from "@/ui";
import { words } from "@/words";

const text = words.sessions.logIn;

export function PasswordStep() {
  const [name, setName] = useState("");
  const [password, setPassword] = useState("");
  const take = useTakeSession();
  const logIn = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/sessions", { body: { name: name.trim(), password } })),
    onSuccess: take,
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        logIn.mutate();
      }}
    >
      <Stack>
        <TextInput
          label={text.name}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          autoFocus
          required
          withAsterisk={false}
        />
        <PasswordInput
          label={text.password}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
          withAsterisk={false}
        />
        <Refusal error={logIn.error} />
        <Button type="submit" loading={logIn.isPending} fullWidth>
          {text.submit}
        </Button>
        <Text size="xs" c="dimmed">
          {text.first}
        </Text>
      </Stack>
    </form>
  );
}
