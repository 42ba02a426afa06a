// SPDX-License-Identifier: Apache-2.0
import { Button, Stack, Text, TextInput } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api";
import { hasPasskeys } from "@/shell/passkey";
import { codeProof, type Method, type Proof, passkeyProof } from "@/shell/proof";
import { useTakeSession } from "@/shell/session";
import { Refusal } from "@/ui";
import { words } from "@/words";

const text = words.sessions.logIn.factor;

export function SecondFactorStep({ methods }: { methods: readonly Method[] }) {
  const [code, setCode] = useState("");
  const take = useTakeSession();
  const giving = useMutation({
    mutationFn: async (prove: () => Promise<Proof> | Proof) =>
      answer(api.POST("/api/v1/session/second-factor", { body: await prove() })),
    onSuccess: take,
  });
  const gaveUp = giving.error instanceof DOMException ? text.gaveUp : giving.error;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        giving.mutate(() => codeProof(code));
      }}
    >
      <Stack>
        <Text c="dimmed">{text.why}</Text>
        {methods.includes("webauthn") && hasPasskeys() && (
          <Button
            variant="default"
            leftSection={<IconKey size={16} />}
            onClick={() => giving.mutate(passkeyProof)}
          >
            {text.useKey}
          </Button>
        )}
        <TextInput
          label={text.code}
          description={methods.includes("totp") ? text.codeHint : text.onlyRecovery}
          value={code}
          onChange={(event) => setCode(event.currentTarget.value)}
          autoComplete="one-time-code"
          autoFocus
          required
          withAsterisk={false}
        />
        <Refusal error={gaveUp} />
        <Button type="submit" loading={giving.isPending}>
          {text.submit}
        </Button>
      </Stack>
    </form>
  );
}
