// SPDX-License-Identifier: Apache-2.0
import { Alert, Badge, Box, Code, Group, Loader, ScrollArea, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconInfoCircle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { artifactAddress, tagAddress } from "@/shell/addresses";
import { formatBytes, Refusal, shortDigest } from "@/ui";
import { retention } from "@/words/retention";
import { type Going, type Tried, type Trial as Tries, useTrial } from "./queries";
import classes from "./retention.module.css";
import type { Scope } from "./scope";

const text = retention.preview;
const LIST_PX = 360;
const PAUSE_MS = 400;

interface Properties {
  scope: Scope;
  trial: Tries;
}

/** Tells what rules would delete now: how much, and the first of it. */
export function Trial({ scope, trial }: Properties) {
  return <TriedRules {...useTried(scope, trial)} />;
}

interface Found {
  /** Undefined while nothing was found yet. */
  data: Tried | undefined;
  error: Error | null;
  /** Whether something newer is being found. */
  isOld: boolean;
}

/** Tries rules once nothing was typed for a moment; what was begun before is given up as soon as somebody types on. */
export function useTried(scope: Scope, trial: Tries | undefined): Found {
  const wanted = trial && JSON.stringify(trial);
  const [settled] = useDebouncedValue(wanted, PAUSE_MS);
  const isSettled = wanted === settled;
  const { data, error, isFetching } = useTrial(scope, isSettled ? trial : undefined);
  return { data, error, isOld: !isSettled || isFetching };
}

export function TriedRules({ data, error, isOld }: Found) {
  if (error) return <Refusal error={error} />;
  if (!data)
    return (
      <Group gap="xs" role="status">
        <Loader size="xs" />
        <Text size="sm">{text.waiting}</Text>
      </Group>
    );
  return <Told tried={data} isOld={isOld} />;
}

function Told({ tried, isOld }: { tried: Tried; isOld: boolean }) {
  const { units, deletions, size, is_whole, items } = tried;
  return (
    <Stack gap="xs" aria-busy={isOld}>
      <Group gap="xs" role="status">
        <Text fw={600} fz="lg">
          {deletions ? text.short(tried) : `${text.nothing}, ${text.outOf(units)}`}
        </Text>
        {isOld && <Loader size="xs" aria-label={text.waiting} />}
      </Group>
      {deletions > 0 && (
        <Text size="sm" c="dimmed">
          {text.size(formatBytes(size))}
        </Text>
      )}
      {!is_whole && (
        <Alert color="orange" icon={<IconInfoCircle />} title={text.notWhole}>
          {text.notWholeHint}
        </Alert>
      )}
      {items.length > 0 && (
        <>
          {items.length < deletions && <Text size="sm">{text.first(items.length)}</Text>}
          <ScrollArea.Autosize
            mah={LIST_PX}
            type="auto"
            viewportProps={{ tabIndex: 0, "aria-label": text.list, role: "region" }}
          >
            <ul className={classes.going}>
              {items.map((item) => (
                <li key={`${item.repository}:${item.tag ?? item.digest}`}>
                  <OneGoing item={item} />
                </li>
              ))}
            </ul>
          </ScrollArea.Autosize>
        </>
      )}
    </Stack>
  );
}

function OneGoing({ item: { repository, tag, digest, reason, rules } }: { item: Going }) {
  const to = tag ? tagAddress(repository, tag) : artifactAddress(repository, digest);
  return (
    <Box style={{ overflowWrap: "anywhere" }}>
      <Group gap="4px 8px">
        <Link to={to} target="_blank" className={classes.link}>
          {tag ? `${repository}:${tag}` : repository}
        </Link>
        <Code title={digest}>{shortDigest(digest)}</Code>
        {!tag && (
          <Badge variant="default" size="sm" tt="none">
            {text.untagged}
          </Badge>
        )}
      </Group>
      <Text size="xs" c="dimmed">
        {text.why(reason, rules)}
      </Text>
    </Box>
  );
}
