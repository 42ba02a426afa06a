// SPDX-License-Identifier: Apache-2.0
import { Card, Progress, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Bytes, Copyable, Fact, Facts, Failure, formatBytes, formatNumber, Loading, Moment } from "@/ui";
import { words } from "@/words";
import { type Facts as SystemFacts, useFacts } from "./queries";

const text = words.system.facts;
const FULL_PERCENT = 90;

export default function FactsTab() {
  const facts = useFacts();
  if (facts.isPending) return <Loading />;
  if (!facts.data) return <Failure error={facts.error} retry={() => void facts.refetch()} />;
  const { version, address, started_at, workers, python, platform, database, storage } = facts.data;
  return (
    <SimpleGrid cols={{ base: 1, md: 2 }}>
      <Part title={text.process}>
        <Fact name={text.version}>{version}</Fact>
        <Fact name={text.address}>
          <Copyable value={address} what={text.address} />
        </Fact>
        <Fact name={text.started}>
          <Moment at={started_at} />
        </Fact>
        <Fact name={text.workers}>{formatNumber(workers)}</Fact>
        <Fact name={text.python}>{python}</Fact>
        <Fact name={text.platform}>{platform}</Fact>
      </Part>
      <Stack>
        <Part title={text.database}>
          <Fact name={text.kind}>{database.kind}</Fact>
          <Fact name={text.version}>{database.version}</Fact>
          <Fact name={text.schema}>{database.schema_revision}</Fact>
          <Fact name={text.size}>
            <Bytes value={database.size_bytes} />
          </Fact>
        </Part>
        <Part title={text.storage} foot={<Room storage={storage} />}>
          <Fact name={text.kind}>{storage.kind}</Fact>
          <Fact name={text.place}>
            <Copyable value={storage.url} what={text.place} />
          </Fact>
          {storage.free_bytes !== null && storage.total_bytes !== null && (
            <Fact name={text.free}>
              {text.freeOf(formatBytes(storage.free_bytes), formatBytes(storage.total_bytes))}
            </Fact>
          )}
        </Part>
      </Stack>
    </SimpleGrid>
  );
}

function Part({ title, children, foot }: { title: string; children: ReactNode; foot?: ReactNode }) {
  return (
    <Card withBorder padding="md">
      <Title order={2} size="h4" mb="sm">
        {title}
      </Title>
      <Facts>{children}</Facts>
      {foot}
    </Card>
  );
}

function Room({ storage: { free_bytes, total_bytes } }: { storage: SystemFacts["storage"] }) {
  if (free_bytes === null || !total_bytes)
    return (
      <Text size="sm" c="dimmed">
        {text.noRoom}
      </Text>
    );
  const percent = Math.round((100 * (total_bytes - free_bytes)) / total_bytes);
  return (
    <Progress
      mt="sm"
      value={percent}
      color={percent >= FULL_PERCENT ? "orange" : undefined}
      aria-label={text.disk(percent)}
    />
  );
}
