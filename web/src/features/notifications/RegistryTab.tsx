// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Stack, TextInput, Title } from "@mantine/core";
import { notifications as notes } from "@mantine/notifications";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/shell/session";
import { Refusal } from "@/ui";
import { notifications } from "@/words/notifications";
import { useAdministration } from "./administration";
import { MailLog } from "./MailLog";
import { Rules } from "./Rules";

const text = notifications.administration;

/** The thresholds from which on people are told, and what became of the mails to them. */
export default function RegistryTab() {
  const mayChange = useMay("administer");
  return (
    <Stack>
      <Title order={2} size="h4">
        {text.rules}
      </Title>
      <Rules mayChange={mayChange} />
      {mayChange && (
        <>
          <Title order={2} size="h4" mt="md">
            {text.mails}
          </Title>
          <TestMail />
          <MailLog />
        </>
      )}
    </Stack>
  );
}

/** Sends a mail that says that it is a test; what the server of mails says against it is told. */
function TestMail() {
  const [address, setAddress] = useState("");
  const { test } = useAdministration();
  const testing = useMutation({
    mutationFn: () => test(address.trim()),
    onSuccess: () => {
      notes.show({ message: text.tested(address.trim()) });
    },
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        testing.mutate();
      }}
    >
      <Stack maw={560}>
        <Group align="flex-end" gap="xs">
          <TextInput
            label={text.testTo}
            type="email"
            flex="1 1 220px"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            required
            withAsterisk={false}
          />
          <Button type="submit" variant="default" loading={testing.isPending}>
            {text.test}
          </Button>
        </Group>
        <Refusal error={testing.error} />
      </Stack>
    </form>
  );
}
