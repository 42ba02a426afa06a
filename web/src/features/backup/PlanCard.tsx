// SPDX-License-Identifier: Apache-2.0
import { Alert, Anchor, Card, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Fact, Facts, formatBytes, formatMoment, formatNumber, Moment } from "@/ui";
import { counted } from "@/words";
import { backup } from "@/words/backup";
import type { Plan } from "./queries";

const text = backup.plan;

/** How backups are taken, and what they hold back. */
export function PlanCard({ plan }: { plan: Plan }) {
  const days = counted(plan.keep_days, text.days);
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb="sm">
        {text.title}
      </Title>
      <Facts hasLongNames>
        <Fact name={text.schedule}>{plan.schedule ?? text.never}</Fact>
        {plan.next_run_at && (
          <Fact name={text.next}>
            <Moment at={plan.next_run_at} />
          </Fact>
        )}
        <Fact name={text.last}>
          <Moment at={plan.last_taken_at} />
        </Fact>
        <Fact name={text.folder}>{plan.folder}</Fact>
        <Fact name={text.keep}>{plan.keep ? text.atMost(days, formatNumber(plan.keep)) : days}</Fact>
        <Fact name={text.blobs}>{plan.with_blobs ? text.withBlobs : text.withoutBlobs}</Fact>
        <Fact name={text.kept}>{formatNumber(plan.kept)}</Fact>
        <Fact name={text.heldBack}>
          {plan.held_back_bytes ? formatBytes(plan.held_back_bytes) : text.nothing}
        </Fact>
      </Facts>
    </Card>
  );
}

/** Says that a backup was due and is not there, and where to find out why. */
export function Missing({ failing }: { failing: NonNullable<Plan["failing"]> }) {
  return (
    <Alert color="red" icon={<IconAlertTriangle />} title={backup.failing} role="alert">
      <Stack gap={4}>
        <Text inherit>{backup.failingText(formatMoment(new Date(failing.since)))}</Text>
        {failing.error && (
          <Text inherit style={{ overflowWrap: "anywhere" }}>
            {failing.error}
          </Text>
        )}
        {failing.job && (
          <Anchor
            component={Link}
            to={"/jobs" as "/"}
            search={{ job: failing.job } as never}
            size="sm"
            c="inherit"
            td="underline"
          >
            {backup.job}
          </Anchor>
        )}
      </Stack>
    </Alert>
  );
}
