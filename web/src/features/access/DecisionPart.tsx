// SPDX-License-Identifier: Apache-2.0
import { Alert, Input, Stack, Text, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import { useViewer } from "@/shell/session";
import { Command, Loading } from "@/ui";
import { words } from "@/words";
import { mayCommand, placeOf, type Question } from "./actions";
import { GrantingTable } from "./GrantingTable";
import { type Decision, useDecision } from "./queries";
import { Unanswered } from "./Unanswered";

const text = words.access;

/** Whether somebody may do something, why, and what would help. */
export function DecisionPart({ question }: { question: Question }) {
  const decision = useDecision(question);
  if (decision.isError)
    return <Unanswered error={decision.error} question={question} retry={() => void decision.refetch()} />;
  if (decision.isPending) return <Loading />;
  return (
    <Stack maw={760}>
      <Answer decision={decision.data} />
      {decision.data.grants.length > 0 && <GrantingTable grants={decision.data.grants} />}
      {decision.data.fix && <Fix decision={decision.data} />}
      <Input.Wrapper label={text.commandHint} labelElement="div">
        <Command text={mayCommand(question)} what={text.commandName} />
      </Input.Wrapper>
    </Stack>
  );
}

function Answer({ decision }: { decision: Decision }) {
  const viewer = useViewer()?.name;
  const { action, allowed, because, principal } = decision;
  const who = principal === `user:${viewer}` ? text.you : called(principal);
  const say = allowed ? text.yes : text.no;
  return (
    <Alert
      role="status"
      variant="default"
      icon={
        allowed ? (
          <IconCircleCheck color="var(--mantine-color-teal-7)" />
        ) : (
          <IconCircleX color="var(--mantine-color-error)" />
        )
      }
      title={say(who, words.roles.actions[action].verb, placeOf(decision))}
    >
      {text.because(because)}
    </Alert>
  );
}

function Fix({ decision: { repository, fix } }: { decision: Decision }) {
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {text.fix}
      </Title>
      <Text>{text.fixHint(repository)}</Text>
      <Command text={fix} what={text.fixName} />
    </Stack>
  );
}

/** What somebody is called in a sentence. */
function called(identity: string): string {
  const at = identity.indexOf(":");
  const say = text.somebody[identity.slice(0, at) as keyof typeof text.somebody];
  return say ? say(identity.slice(at + 1)) : text.anonymous;
}
