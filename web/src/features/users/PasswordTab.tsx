// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Paper, PasswordInput, Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answer, api } from "@/api";
import type { ProfileSubject } from "@/shell/feature";
import { useTakeSession } from "@/shell/session";
import { Refusal } from "@/ui";
import { words } from "@/words";
import { SHORTEST_PASSWORD } from "./names";

const text = words.users.ownPassword;

export default function PasswordTab({ subject: { name } }: { subject: ProfileSubject }) {
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [again, setAgain] = useState("");
  const take = useTakeSession();
  const changing = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/users/me/password", { body: { current, new: next } })),
    onSuccess: () => {
      notifications.show({ message: text.done });
      take(null);
    },
  });
  const isReady = current !== "" && next.length >= SHORTEST_PASSWORD && next === again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) changing.mutate();
  };
  return (
    <Paper withBorder p="md" maw={520} component="section">
      <form onSubmit={submit}>
        <Stack>
          <Title order={2} size="h4">
            {text.title}
          </Title>
          <Text c="dimmed">{text.consequence}</Text>
          {/* Tells password managers whose password it is. */}
          <input type="hidden" name="username" autoComplete="username" value={name} readOnly />
          <PasswordInput
            label={text.current}
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            autoComplete="current-password"
            required
          />
          <PasswordInput
            label={text.next}
            description={words.users.password.rule}
            error={next && next.length < SHORTEST_PASSWORD ? words.users.password.tooShort : undefined}
            value={next}
            onChange={(event) => setNext(event.currentTarget.value)}
            autoComplete="new-password"
            required
          />
          <PasswordInput
            label={text.again}
            error={again && !next.startsWith(again) ? text.differs : undefined}
            value={again}
            onChange={(event) => setAgain(event.currentTarget.value)}
            autoComplete="new-password"
            required
          />
          <Refusal error={changing.error} />
          <Group>
            <Button type="submit" loading={changing.isPending} disabled={!isReady}>
              {text.act}
            </Button>
          </Group>
        </Stack>
      </form>
    </Paper>
  );
}
