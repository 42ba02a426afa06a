// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Card, Group, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay, IconRecycle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Digest, Fact, Facts, Failure, formatBytes, formatNumber, Loading, Moment, Refusal } from "@/ui";
import { counted, words } from "@/words";
import { AmountList } from "./AmountList";
import { type Garbage, KEY, pause, resume, useGarbage } from "./queries";
import { RunDialog } from "./RunDialog";

const all = words.garbage;
const text = all.state;

export default function StateTab() {
  const garbage = useGarbage();
  if (garbage.isPending) return <Loading />;
  if (!garbage.data) return <Failure error={garbage.error} retry={() => void garbage.refetch()} />;
  const state = garbage.data;
  return (
    <Stack>
      <Still state={state} />
      <Acts isPaused={state.paused !== null} />
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack>
          <Waiting state={state} />
          <Damage state={state} />
        </Stack>
        <Part title={text.freed}>
          <AmountList amounts={state.deleted} />
        </Part>
      </SimpleGrid>
    </Stack>
  );
}

function Still({ state: { paused, mode } }: { state: Garbage }) {
  if (paused) return <Halt reason={text.paused(paused.by)} />;
  if (mode) return <Halt reason={text.mode(words.modes.modes[mode].label)} />;
  return null;
}

function Halt({ reason }: { reason: string }) {
  return (
    <Alert color="orange" icon={<IconPlayerPause />} title={text.standsStill}>
      {reason}
    </Alert>
  );
}

function Acts({ isPaused }: { isPaused: boolean }) {
  const queries = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const turning = useMutation({
    mutationFn: isPaused ? resume : pause,
    onSuccess: (changed) => queries.setQueryData([KEY, "state"], changed),
  });
  return (
    <>
      <Refusal error={turning.error} />
      <Group>
        <Button leftSection={<IconRecycle size={16} />} onClick={open} disabled={isPaused}>
          {text.run}
        </Button>
        <Button
          variant="default"
          leftSection={isPaused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          loading={turning.isPending}
          onClick={() => turning.mutate()}
        >
          {isPaused ? text.resume : text.pause}
        </Button>
      </Group>
      <RunDialog isOpen={isOpen} onClose={close} />
    </>
  );
}

function Waiting({ state: { waiting, grace } }: { state: Garbage }) {
  return (
    <Part title={text.waiting}>
      <Facts hasLongNames>
        <Fact name={text.queued}>{counted(waiting.queued, all.things)}</Fact>
        <Fact name={text.dead}>
          {all.amount(counted(waiting.objects, all.objects), formatBytes(waiting.bytes))}
        </Fact>
        {waiting.next_due_at && (
          <Fact name={text.next}>
            <Moment at={waiting.next_due_at} />
          </Fact>
        )}
        <Fact name={text.grace}>{text.minutes(formatNumber(grace.minutes))}</Fact>
        <Fact name={text.because}>
          {grace.reasons.map((reason) => (
            <Text key={reason} inherit>
              {reason}
            </Text>
          ))}
        </Fact>
      </Facts>
    </Part>
  );
}

function Damage({ state: { damaged, last_rehash, last_sweep } }: { state: Garbage }) {
  return (
    <Part title={text.damage}>
      <Facts hasLongNames>
        <Fact name={text.damaged}>{formatNumber(damaged)}</Fact>
        <Fact name={text.rehash}>
          <Moment at={last_rehash?.finished_at} />
        </Fact>
        <Fact name={text.sweep}>
          <Moment at={last_sweep?.finished_at} />
        </Fact>
        {last_sweep && (
          <Fact name={text.orphans}>
            {all.amount(
              counted(last_sweep.orphans.objects, all.objects),
              formatBytes(last_sweep.orphans.bytes),
            )}
          </Fact>
        )}
        {!!last_rehash?.damaged.length && (
          <Fact name={text.damagedHint} isWide>
            {last_rehash.damaged.map((digest) => (
              <Digest key={digest} value={digest} />
            ))}
          </Fact>
        )}
      </Facts>
    </Part>
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
