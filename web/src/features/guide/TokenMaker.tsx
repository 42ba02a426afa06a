// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { Command, formatMoment, Refusal } from "@/ui";
import { words } from "@/words";
import type { useMakeToken } from "./queries";

const text = words.guide;

/** A button that makes a token; `isBare` shows its secret alone, where no command holds it. */
export function TokenMaker({ token, isBare }: { token: ReturnType<typeof useMakeToken>; isBare: boolean }) {
  if (!token.data)
    return (
      <Stack gap="xs">
        <Group>
          <Button
            variant="light"
            leftSection={<IconKey size={16} />}
            loading={token.isPending}
            onClick={() => token.mutate()}
          >
            {text.createToken}
          </Button>
        </Group>
        <Refusal error={token.error} />
      </Stack>
    );
  const { name, secret, expires_at } = token.data;
  return (
    <Stack gap="xs">
      {isBare && <Command text={secret} what={text.token} />}
      <Alert color="yellow" icon={<IconKey size={18} />} role="status">
        <Text size="sm" fw={600}>
          {expires_at ? text.tokenIs(name, formatMoment(new Date(expires_at))) : name}
        </Text>
        <Text size="sm">{text.tokenOnce}</Text>
      </Alert>
    </Stack>
  );
}
