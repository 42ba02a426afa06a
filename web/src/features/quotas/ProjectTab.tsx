// SPDX-License-Identifier: Apache-2.0
import { Alert, Box, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ProjectSubject } from "@/shell/feature";
import { useMay } from "@/shell/session";
import { Bytes, Command, Empty, Fact, Facts, Failure, Loading, Moment } from "@/ui";
import { quotas as text } from "@/words/quotas";
import { FillBar } from "./FillBar";
import { formatAmount, percentOf, worst } from "./fill";
import { QuotaActions } from "./QuotaForm";
import { type Quota, RESOURCES, type Resource, useProjectQuota } from "./queries";

/** How much of its quota a project uses, what it stores beside that, and when it will be full. */
export default function ProjectTab({ subject: { name } }: { subject: ProjectSubject }) {
  const quota = useProjectQuota(name);
  const maySet = useMay("administer");
  if (quota.isPending) return <Loading />;
  if (!quota.data) return <Failure error={quota.error} retry={() => void quota.refetch()} />;
  const { data } = quota;
  return (
    <Stack>
      <Text c="dimmed">{text.aboutProject}</Text>
      {maySet && (
        <QuotaActions
          subject={{ kind: "project", name }}
          terms={data.quota}
          isOwn={data.is_own}
          revision={data.revision}
        />
      )}
      <Standing quota={data} />
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        {RESOURCES.map((each) => (
          <Used key={each} quota={data} resource={each} />
        ))}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Beside quota={data} />
        <Ahead quota={data} />
      </SimpleGrid>
      {!data.quota && (
        <Empty
          title={text.noLimit}
          text={maySet ? text.noLimitYet : text.noLimitHint}
          action={
            maySet ? undefined : (
              <Box maw="100%">
                <Command text={text.commandOf(name)} what={text.command} />
              </Box>
            )
          }
        />
      )}
    </Stack>
  );
}

/** That it is full or nearly, and whom to ask; nothing while there is room. */
function Standing({ quota: { quota, used } }: { quota: Quota }) {
  const state = quota ? worst(used, quota.limits, quota.thresholds) : "free";
  if (!quota || state === "free") return null;
  const isFull = state === "full";
  return (
    <Alert color={isFull ? "red" : "orange"} title={isFull ? text.full : text.near}>
      {isFull ? text.fullHint : text.nearHint} {quota.contact || text.askAdministrators}
    </Alert>
  );
}

function Used({ quota: { quota, used }, resource }: { quota: Quota; resource: Resource }) {
  const limit = quota?.limits[resource] ?? null;
  const amount = formatAmount(resource, used[resource]);
  return (
    <Card withBorder padding="md">
      <Group justify="space-between" gap="sm" mb="xs">
        <Title order={2} size="h4">
          {text[resource]}
        </Title>
        <Text fw={600}>{limit === null ? amount : text.of(amount, formatAmount(resource, limit))}</Text>
      </Group>
      {limit === null ? (
        <Text size="sm" c="dimmed">
          {text.unlimited}
        </Text>
      ) : (
        <FillBar
          name={text[resource]}
          percent={percentOf(used[resource], limit)}
          thresholds={quota?.thresholds ?? []}
        />
      )}
    </Card>
  );
}

function Beside({ quota: { beside } }: { quota: Quota }) {
  if (!beside) return null;
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb="xs">
        {text.beside}
      </Title>
      <Facts>
        {(["bin", "leased", "uploads", "shared"] as const).map((each) => (
          <Fact key={each} name={text[each]}>
            {!beside.is_complete && each !== "uploads" && `${text.atLeast} `}
            <Bytes value={beside[each]} />
          </Fact>
        ))}
      </Facts>
    </Card>
  );
}

function Ahead({ quota: { forecast, quota, is_own } }: { quota: Quota }) {
  const { bytes_per_day, full_at } = forecast;
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb="xs">
        {text.forecast}
      </Title>
      <Facts>
        <Fact name={text.growth}>
          {bytes_per_day === null ? text.unknown : <Bytes value={bytes_per_day} />}
        </Fact>
        <Fact name={text.fullAt}>{full_at ? <Moment at={full_at} /> : text.never}</Fact>
        {quota && <Fact name={text.quota}>{is_own ? text.own : text.default}</Fact>}
        {quota && quota.thresholds.length > 0 && (
          <Fact name={text.thresholds}>{quota.thresholds.map(text.percent).join(", ")}</Fact>
        )}
        {quota && <Fact name={text.contact}>{quota.contact || text.askAdministrators}</Fact>}
      </Facts>
    </Card>
  );
}
