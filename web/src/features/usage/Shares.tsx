// SPDX-License-Identifier: Apache-2.0
import { Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Failure, Loading } from "@/ui";
import { counted } from "@/words";
import { usage as texts } from "@/words/usage";
import { type By, type Place, useUsage } from "./queries";
import classes from "./usage.module.css";

interface Properties {
  title: string;
  place: Place;
  by: By;
  shown?: (name: string) => ReactNode;
}

/** The names with the most pulls and pushes in the last 30 days. */
export function Shares({ title, place, by, shown = (name) => name }: Properties) {
  const { data, error, refetch } = useUsage(place, by);
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {title}
        </Title>
        {error && <Failure error={error} retry={() => void refetch()} />}
        {!data && !error && <Loading />}
        {data && data.items.length === 0 && <Text c="dimmed">{texts.nothing}</Text>}
        {data && (
          <ol className={classes.shares} aria-label={title}>
            {data.items.map(({ name, pulls, pushes }) => (
              <Share
                key={name}
                label={shown(name ?? "")}
                pulls={pulls}
                pushes={pushes}
                most={mostOf(data.items)}
              />
            ))}
            {data.others && <Share label={texts.others} {...data.others} most={mostOf(data.items)} />}
          </ol>
        )}
        {data && !data.is_complete && (
          <Text size="xs" c="dimmed">
            {texts.more}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function mostOf(items: readonly { pulls: number; pushes: number }[]): number {
  return Math.max(1, ...items.map(({ pulls, pushes }) => pulls + pushes));
}

function Share({
  label,
  pulls,
  pushes,
  most,
}: {
  label: ReactNode;
  pulls: number;
  pushes: number;
  most: number;
}) {
  return (
    <li>
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Text size="sm" component="span" className={classes.name}>
          {label}
        </Text>
        <Text size="sm" component="span" className={classes.figures}>
          {texts.pullsAndPushes(counted(pulls, texts.pullForms), counted(pushes, texts.pushForms))}
        </Text>
      </Group>
      <Progress value={Math.min(100, (100 * (pulls + pushes)) / most)} size={4} aria-hidden />
    </li>
  );
}
