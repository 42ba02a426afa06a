// SPDX-License-Identifier: Apache-2.0
import { Card, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useIsMounted } from "@/shell/mounted";
import { type Happening, Happenings } from "@/ui";
import { words } from "@/words";
import classes from "./dashboard.module.css";
import type { Change } from "./queries";

const text = words.dashboard;

/** The latest changes of tags. */
export function RecentChanges({ changes, isComplete }: { changes: Change[]; isComplete: boolean }) {
  const isFollowed = useIsMounted("events");
  return (
    <Card withBorder padding="md">
      <Stack gap="xs">
        <div className={classes.head}>
          <Title order={2} size="h4">
            {text.recent}
          </Title>
          {isFollowed && <Link to="/events">{text.allActivity}</Link>}
        </div>
        {changes.length === 0 && (
          <div>
            <Text fw={500}>{text.noRecent}</Text>
            <Text size="sm" c="dimmed">
              {text.noRecentHint}
            </Text>
          </div>
        )}
        <Happenings label={text.recent} items={changes.map(happening)} />
        {!isComplete && (
          <Text size="sm" c="dimmed">
            {text.incomplete}
          </Text>
        )}
      </Stack>
    </Card>
  );
}

function happening(change: Change): Happening {
  const { at, repository, tag, digest, previous, kind } = change;
  const isNew = kind === "tag.moved" && !previous;
  return {
    ...change,
    key: [at, repository, tag, digest].join(" "),
    kind: isNew ? "tag.created" : kind,
  };
}
