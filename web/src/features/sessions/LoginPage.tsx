// SPDX-License-Identifier: Apache-2.0
import { Anchor, Card, Center, Group, Stack, Title } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { Navigate, useSearch } from "@tanstack/react-router";
import { useEffect } from "react";
import { answer, api } from "@/api";
import { Logo } from "@/shell/Logo";
import { useFeatures } from "@/shell/mounted";
import { type Session, useSession, useTakeSession } from "@/shell/session";
import { tellRefused } from "@/ui";
import { words } from "@/words";
import { EnrolmentStep } from "./EnrolmentStep";
import { PasswordStep } from "./PasswordStep";
import { SecondFactorStep } from "./SecondFactorStep";
import { safeTarget } from "./target";

const text = words.sessions.logIn;

/** Logging in, step by step: the session tells which step comes next. */
export default function LoginPage() {
  const { data: session } = useSession();
  const { to } = useSearch({ strict: false }) as { to?: string };
  useEffect(() => {
    document.title = words.shell.titled(text.title);
  }, []);
  if (session?.state === "complete") return <Navigate to={safeTarget(to) as "/"} replace />;
  return (
    <Center mih="100dvh" p="md">
      <Card
        withBorder
        shadow="sm"
        padding="xl"
        radius="lg"
        w="100%"
        maw={session?.state === "enrolment" ? 640 : 420}
      >
        <Stack gap="lg">
          <Group gap="sm">
            <Logo size={32} />
            <Title order={1} size="h3">
              {text.welcome}
            </Title>
          </Group>
          <Step session={session ?? null} />
        </Stack>
      </Card>
    </Center>
  );
}

function Step({ session }: { session: Session | null }) {
  const take = useTakeSession();
  const features = useFeatures();
  const leaving = useMutation({
    mutationFn: () => answer(api.DELETE("/api/v1/session")),
    onSuccess: () => take(null),
    onError: (error) => tellRefused(error, words.ui.failed),
  });
  if (!session) return <PasswordStep />;
  const leave = (
    <Anchor component="button" type="button" size="sm" onClick={() => leaving.mutate()}>
      {text.again}
    </Anchor>
  );
  if (session.state === "second_factor") {
    return (
      <>
        <SecondFactorStep methods={session.methods} />
        {leave}
      </>
    );
  }
  return (
    <>
      <EnrolmentStep session={session} features={features} />
      {leave}
    </>
  );
}
