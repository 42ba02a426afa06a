// SPDX-License-Identifier: Apache-2.0
import { Card, Group, Progress, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { repositoryAddress } from "@/shell/addresses";
import { Bytes } from "@/ui";
import { counted, words } from "@/words";
import classes from "./dashboard.module.css";
import type { Busy } from "./queries";

const text = words.dashboard;

/** The repositories that were pulled from most. */
export function TopRepositories({ repositories }: { repositories: Busy[] }) {
  const most = Math.max(1, ...repositories.map(({ pulls }) => pulls));
  return (
    <Card withBorder padding="md">
      <Stack gap="sm">
        <Title order={2} size="h4">
          {text.top}
        </Title>
        {repositories.length === 0 && <Text c="dimmed">{text.noTop}</Text>}
        <ol className={classes.top} aria-label={text.topLabel}>
          {repositories.map(({ name, pulls, bytes }) => (
            <li key={name}>
              <Group justify="space-between" wrap="nowrap" gap="sm">
                <Link to={repositoryAddress(name)}>{name}</Link>
                <Text size="sm" className={classes.pulls}>
                  {counted(pulls, text.pulls)}
                </Text>
              </Group>
              <Progress value={(100 * pulls) / most} size={4} aria-hidden />
              <Text size="xs" c="dimmed">
                {text.holds} <Bytes value={bytes} />
              </Text>
            </li>
          ))}
        </ol>
      </Stack>
    </Card>
  );
}
