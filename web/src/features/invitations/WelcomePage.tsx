// SPDX-License-Identifier: Apache-2.0
import { Button, Card, Center, Group, PasswordInput, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconMailOff } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { answer, api, Problem } from "@/api";
import { Logo } from "@/shell/Logo";
import { Failure, Loading, Notice, Refusal } from "@/ui";
import { words } from "@/words";
import { useOpenInvitation } from "./queries";
import { secretIn } from "./secret";

const text = words.invitations.welcome;
const SHORTEST_PASSWORD = 12;

/** Where the link of an invitation leads: somebody without an account makes their own. */
export default function WelcomePage() {
  const secret = secretIn(useLocation().hash);
  const open = useOpenInvitation(secret);
  useEffect(() => {
    document.title = words.shell.titled(text.title);
  }, []);
  const isOver = open.error instanceof Problem && open.error.status === 404;
  if (secret === "" || isOver) {
    return <Notice isPage icon={IconMailOff} color="yellow" title={text.notGood} text={text.notGoodHint} />;
  }
  if (open.isError) return <Failure error={open.error} retry={() => void open.refetch()} />;
  if (open.isPending) return <Loading />;
  return (
    <Around>
      <AccountForm secret={secret} fixedName={open.data.user_name} />
    </Around>
  );
}

function Around({ children }: { children: ReactNode }) {
  return (
    <Center mih="100dvh" p="md">
      <Card withBorder shadow="sm" padding="xl" radius="lg" w="100%" maw={460}>
        <Stack gap="lg">
          <Group gap="sm">
            <Logo size={32} />
            <Title order={1} size="h3">
              {text.title}
            </Title>
          </Group>
          {children}
        </Stack>
      </Card>
    </Center>
  );
}

function AccountForm({ secret, fixedName }: { secret: string; fixedName: string | null }) {
  const [chosen, setChosen] = useState("");
  const [password, setPassword] = useState("");
  const [again, setAgain] = useState("");
  const navigate = useNavigate();
  const name = fixedName ?? chosen.trim();
  const accepting = useMutation({
    mutationFn: () =>
      answer(api.POST("/api/v1/invitations:accept", { body: { secret, user_name: name, password } })),
    onSuccess: (made) => {
      notifications.show({ message: text.done(made.name) });
      void navigate({ to: "/login" as "/", replace: true });
    },
  });
  const isReady = name !== "" && password.length >= SHORTEST_PASSWORD && password === again;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) accepting.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <Text c="dimmed">{text.about}</Text>
        <TextInput
          label={text.name}
          description={fixedName ? text.nameIsFixed : text.nameRule}
          value={name === fixedName ? fixedName : chosen}
          onChange={(event) => setChosen(event.currentTarget.value)}
          readOnly={fixedName !== null}
          autoComplete="username"
          autoCapitalize="none"
          spellCheck={false}
          required
          withAsterisk={false}
        />
        <PasswordInput
          label={text.password}
          description={words.users.password.rule}
          error={password && password.length < SHORTEST_PASSWORD ? words.users.password.tooShort : undefined}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="new-password"
          required
          withAsterisk={false}
        />
        <PasswordInput
          label={text.again}
          error={again && !password.startsWith(again) ? words.users.ownPassword.differs : undefined}
          value={again}
          onChange={(event) => setAgain(event.currentTarget.value)}
          autoComplete="new-password"
          required
          withAsterisk={false}
        />
        <Refusal error={accepting.error} />
        <Button type="submit" loading={accepting.isPending} disabled={!isReady} fullWidth>
          {text.act}
        </Button>
      </Stack>
    </form>
  );
}
