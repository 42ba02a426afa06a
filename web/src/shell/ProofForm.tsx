// SPDX-License-Identifier: Apache-2.0
/** What somebody proves again who they are with: a second factor of those who have one, the password of others. */

import { Button, Group, PasswordInput, Stack, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type components } from "@/api";
import { Refusal } from "@/ui";
import { words } from "@/words";
import { hasPasskeys } from "./passkey";
import { codeProof, type Method, passkeyProof } from "./proof";
import { useTakeSession } from "./session";

type Proofs = components["schemas"]["ReauthenticationRequest"];

const text = words.shell.proveAgain;

export default function ProofForm({
  methods,
  onProven,
}: {
  methods: readonly Method[];
  onProven: () => void;
}) {
  const [given, setGiven] = useState("");
  const take = useTakeSession();
  const hasFactor = methods.length > 0;
  const proving = useMutation({
    mutationFn: async (prove: () => Promise<Proofs> | Proofs) =>
      answer(api.POST("/api/v1/session/reauthentication", { body: await prove() })),
    onSuccess: (session) => {
      take(session);
      onProven();
    },
  });
  const gaveUp = proving.error instanceof DOMException ? words.sessions.logIn.factor.gaveUp : undefined;
  const withKey = async () => ({ second_factor: await passkeyProof() });
  const typed = () => (hasFactor ? { second_factor: codeProof(given) } : { password: given });
  const Input = hasFactor ? TextInput : PasswordInput;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        proving.mutate(typed);
      }}
    >
      <Stack>
        <Text c="dimmed">{text.why}</Text>
        <Input
          label={hasFactor ? text.code : text.password}
          value={given}
          onChange={(event) => setGiven(event.currentTarget.value)}
          autoComplete={hasFactor ? "one-time-code" : "current-password"}
          required
          withAsterisk={false}
          data-autofocus
        />
        <Refusal error={gaveUp ?? proving.error} />
        <Group justify="flex-end">
          {methods.includes("webauthn") && hasPasskeys() && (
            <Button variant="default" onClick={() => proving.mutate(withKey)}>
              {text.useKey}
            </Button>
          )}
          <Button type="submit" loading={proving.isPending}>
            {text.confirm}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
