// SPDX-License-Identifier: Apache-2.0
import { Alert, Input, Stack, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { components } from "@/api";
import { Command } from "@/ui";
import { words } from "@/words";
import { roleFor } from "./actions";

type Decision = components["schemas"]["Decision"];

const text = words.access;

export function DecisionShown({ decision }: { decision: Decision }) {
  const { action, repository, allowed, because } = decision;
  const { verb } = text.actions[action];
  return (
    <Stack maw={760} role="status">
      <Alert
        variant="default"
        icon={
          allowed ? (
            <IconCircleCheck color="var(--mantine-color-teal-7)" />
          ) : (
            <IconCircleX color="var(--mantine-color-error)" />
          )
        }
        title={allowed ? text.yes(verb, repository) : text.no(verb, repository)}
      >
        {text.because(because)}
      </Alert>
      {!allowed && <Fix decision={decision} />}
      <Input.Wrapper label={text.commandHint} labelElement="div">
        <Command text={text.command(action, repository)} what={text.commandName} />
      </Input.Wrapper>
    </Stack>
  );
}

function Fix({ decision: { action, principal, repository } }: { decision: Decision }) {
  const role = words.grants.roles[roleFor(action)].label;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {text.fix}
      </Title>
      <Text>{text.fixHint(role, repository)}</Text>
      <Command text={text.request(principal, role, repository)} what={text.requestName} />
    </Stack>
  );
}
