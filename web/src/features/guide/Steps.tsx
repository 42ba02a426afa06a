// SPDX-License-Identifier: Apache-2.0
import { Anchor, Group, Loader, Stack, Text, ThemeIcon, Title } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { artifactAddress } from "@/shell/addresses";
import { Command } from "@/ui";
import { words } from "@/words";
import type { Arrival } from "./arrival";
import { asOpensslPrints, type Block, type Client, type Facts, type Step, stepsFor } from "./commands";
import classes from "./guide.module.css";
import { type useMakeToken, useProgress } from "./queries";
import { TokenMaker } from "./TokenMaker";

const text = words.guide;

interface Properties {
  client: Client;
  facts: Facts;
  token: ReturnType<typeof useMakeToken>;
}

/** The steps of one client, each ticked off once it is seen to be done. */
export function Steps({ client, facts, token }: Properties) {
  const { arrival, isPulled } = useProgress(facts.user, client);
  const isDone = {
    trust: arrival !== undefined,
    logIn: arrival !== undefined || token.data !== undefined,
    push: arrival !== undefined,
    pull: isPulled,
  };
  const sequel = {
    trust: undefined,
    logIn: <TokenMaker token={token} isBare={client === "ctr"} />,
    push: arrival ? <Arrived arrival={arrival} /> : <Waiting>{text.waiting}</Waiting>,
    pull: arrival && <Pulled arrival={arrival} isPulled={isPulled} />,
  };
  return (
    <ol className={classes.steps}>
      {stepsFor(client, facts).map((step, index) => (
        <li key={step.name}>
          <Mark number={index + 1} isDone={isDone[step.name]} />
          <Stack gap="sm" className={classes.step}>
            <Title order={2} size="h4">
              {text.steps[step.name]}
            </Title>
            {step.blocks.map((block) => (
              <Shown key={block.about} block={block} facts={facts} />
            ))}
            <Otherwise step={step} facts={facts} />
            {sequel[step.name]}
          </Stack>
        </li>
      ))}
    </ol>
  );
}

function Mark({ number, isDone }: { number: number; isDone: boolean }) {
  return (
    <ThemeIcon
      radius="xl"
      size={32}
      variant={isDone ? "filled" : "light"}
      color={isDone ? "teal" : undefined}
      role={isDone ? "img" : undefined}
      aria-label={isDone ? text.done : undefined}
    >
      {isDone ? <IconCheck size={18} /> : number}
    </ThemeIcon>
  );
}

function Shown({ block, facts }: { block: Block; facts: Facts }) {
  return (
    <Stack gap={6}>
      <Text size="sm">{text.blocks[block.about]}</Text>
      {block.text && <Command text={block.text} what={text.commands} />}
      {block.about === "fetchAuthority" && facts.authority && (
        <Text size="sm" className={classes.fingerprint}>
          {text.fingerprint(asOpensslPrints(facts.authority.sha256))}
        </Text>
      )}
    </Stack>
  );
}

function Otherwise({ step, facts }: { step: Step; facts: Facts }) {
  if (!step.otherwise.length) return null;
  return (
    <details className={classes.otherwise}>
      <summary>{text.otherwise[step.name]}</summary>
      <Stack gap="sm" mt="xs">
        {step.otherwise.map((block) => (
          <Shown key={block.about} block={block} facts={facts} />
        ))}
      </Stack>
    </details>
  );
}

function Waiting({ children }: { children: ReactNode }) {
  return (
    <Group gap="xs" role="status" wrap="nowrap">
      <Loader size={14} aria-hidden />
      <Text size="sm" c="dimmed">
        {children}
      </Text>
    </Group>
  );
}

function Arrived({ arrival }: { arrival: Arrival }) {
  return (
    <Group gap="xs" role="status">
      <IconCheck size={18} color="var(--mantine-color-teal-6)" aria-hidden />
      <Text size="sm" className={classes.name}>
        {text.arrived(nameOf(arrival))}
      </Text>
      <Anchor component={Link} size="sm" to={artifactAddress(arrival.repository, arrival.digest)}>
        {text.lookAtIt}
      </Anchor>
    </Group>
  );
}

function Pulled({ arrival, isPulled }: { arrival: Arrival; isPulled: boolean }) {
  if (!isPulled) return <Waiting>{text.waitingForPull}</Waiting>;
  return (
    <Group gap="xs" role="status">
      <IconCheck size={18} color="var(--mantine-color-teal-6)" aria-hidden />
      <Text size="sm" className={classes.name}>
        {text.pulled(nameOf(arrival))}
      </Text>
    </Group>
  );
}

function nameOf({ repository, tag, digest }: Arrival): string {
  return tag ? `${repository}:${tag}` : `${repository}@${digest}`;
}
