// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "@/shell/session";
import { Command, Fact, Facts, Failure, formatNumber, Loading, Moment } from "@/ui";
import { counted } from "@/words";
import { audit } from "@/words/audit";
import { Anchors } from "./Anchors";
import { Deliveries } from "./Deliveries";
import { Keys } from "./Keys";
import { Months } from "./Months";
import { Origins } from "./Origins";
import { countOf, newestOf, type Standing, useIsLate, useStanding } from "./queries";

const text = audit.standing;

export default function StandingTab() {
  const standing = useStanding();
  if (standing.isPending) return <Loading />;
  if (!standing.data) return <Failure error={standing.error} retry={() => void standing.refetch()} />;
  return <Stands standing={standing.data} />;
}

function Stands({ standing }: { standing: Standing }) {
  return (
    <Stack>
      {useIsLate(standing) && <Late />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Part title={text.recording}>
          <Recording standing={standing} />
        </Part>
        <Part title={text.checkpoint}>
          <Newest standing={standing} />
        </Part>
      </SimpleGrid>
      <Part title={text.months}>
        <Months months={standing.partitions} />
      </Part>
      <Part title={text.deliveries}>
        <Deliveries standing={standing} />
      </Part>
      {standing.origins.length > 0 && (
        <Part title={text.origins}>
          <Origins origins={standing.origins} />
        </Part>
      )}
      <Part title={text.keys}>
        <Keys keys={standing.keys} />
      </Part>
      <Part title={text.verify}>
        <Stack gap="sm">
          <Text size="sm">{text.verifyAbout}</Text>
          <Command text={text.verifyCommand} what={text.command} />
          <Text size="sm">{text.anchoredAbout}</Text>
          <Command text={text.anchoredCommand} what={text.command} />
          {standing.newest_checkpoint && <Anchors newest={standing.newest_checkpoint} />}
        </Stack>
      </Part>
    </Stack>
  );
}

/** The log goes on, and nobody signs it. */
function Late() {
  const mayLook = useMay("read-system");
  return (
    <Alert color="orange" icon={<IconAlertTriangle size={18} />} title={text.late} role="alert">
      <Stack gap="xs" align="flex-start">
        <Text inherit>{text.lateText}</Text>
        {mayLook && (
          <Button
            component={Link}
            to="/jobs"
            search={{ kind: "audit.checkpoint" } as never}
            size="compact-sm"
            variant="default"
          >
            {text.toJobs}
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function Recording({ standing: { pulls, keep_days, holds_in_force, partitions } }: { standing: Standing }) {
  const kept = partitions
    .filter((month) => !month.dropped_at)
    .reduce((sum, month) => sum + countOf(month), 0);
  return (
    <Facts hasLongNames>
      <Fact name={text.pulls}>{text.pullsAre[pulls]}</Fact>
      <Fact name={text.keep}>
        {counted(keep_days, text.days)}
        <Text size="xs" c="dimmed">
          {text.keepRule}
        </Text>
      </Fact>
      <Fact name={text.total}>{formatNumber(kept)}</Fact>
      <Fact name={text.holds}>{formatNumber(holds_in_force)}</Fact>
    </Facts>
  );
}

function Newest({ standing }: { standing: Standing }) {
  const newest = standing.newest_checkpoint;
  if (!newest)
    return (
      <Stack gap={4}>
        <Text>{text.noCheckpoint}</Text>
        <Text size="sm" c="dimmed">
          {text.noCheckpointHint}
        </Text>
      </Stack>
    );
  return (
    <>
      <Facts hasLongNames>
        <Fact name={text.signed}>
          <Moment at={newest.signed_at} />
        </Fact>
        <Fact name={text.upTo}>{formatNumber(newest.seq)}</Fact>
        <Fact name={text.newer}>{formatNumber(Math.max(0, newestOf(standing) - newest.seq))}</Fact>
      </Facts>
      <Group mt="sm">
        <Text size="xs" c="dimmed">
          {text.checkpointAbout}
        </Text>
      </Group>
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      {children}
    </Card>
  );
}
