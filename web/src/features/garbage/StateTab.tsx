// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Card, Group, Loader, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerPause, IconPlayerPlay, IconRecycle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { isGoingOn, type Job, useJob } from "@/live";
import { useMay } from "@/shell/session";
import {
  Digest,
  Fact,
  Facts,
  Failure,
  formatMoment,
  formatNumber,
  Loading,
  Moment,
  Principal,
  Refusal,
} from "@/ui";
import { counted, words } from "@/words";
import { garbage } from "@/words/garbage";
import { Amount, AmountList, KeptList, None, Total } from "./AmountList";
import { type Garbage, KEY, pause, type Run, resume, useGarbage } from "./queries";
import { RunDialog } from "./RunDialog";
import { RunState } from "./RunState";

const all = garbage;
const text = all.state;

export default function StateTab() {
  const [begun, setBegun] = useState("");
  const { data: job } = useJob(KEY, begun);
  const garbage = useGarbage(begun !== "" && (!job || isGoingOn(job)));
  if (garbage.isPending) return <Loading />;
  if (!garbage.data) return <Failure error={garbage.error} retry={() => void garbage.refetch()} />;
  const state = garbage.data;
  return (
    <Stack>
      <Still state={state} />
      <Acts state={state} onBegun={setBegun} />
      {job && <Begun job={job} />}
      <SimpleGrid cols={{ base: 1, md: 2 }}>
        <Stack>
          <Waiting state={state} />
          <Damage state={state} />
        </Stack>
        <Stack>
          {state.last_run && <LastRun run={state.last_run} />}
          <Part title={text.freed}>
            <AmountList amounts={state.deleted} />
          </Part>
        </Stack>
      </SimpleGrid>
    </Stack>
  );
}

function Still({ state: { paused, mode, waits_until: until } }: { state: Garbage }) {
  if (paused) return <Halt reason={text.paused(paused.by.slice(paused.by.indexOf(":") + 1))} />;
  if (mode) return <Halt reason={text.mode(words.modes.modes[mode].label)} />;
  if (until) return <Halt reason={text.waits(formatMoment(new Date(until)))} />;
  return null;
}

function Halt({ reason }: { reason: string }) {
  return (
    <Alert color="orange" icon={<IconPlayerPause />} title={text.standsStill}>
      {reason}
    </Alert>
  );
}

/** What becomes of the run that was begun here. */
function Begun({ job }: { job: Job }) {
  const isMoving = isGoingOn(job);
  const { done = 0, note = "" } = job.progress ?? {};
  const told = job.state === "running" ? text.running(counted(done, all.things), note) : text.jobs[job.state];
  return (
    <Alert
      color={isMoving ? "blue" : "gray"}
      icon={isMoving ? <Loader size={16} /> : <IconRecycle />}
      role="status"
    >
      {told}
    </Alert>
  );
}

function LastRun({ run }: { run: Run }) {
  return (
    <Part title={text.lastRun}>
      <Facts hasLongNames>
        <Fact name={all.runs.state}>
          <RunState run={run} />
        </Fact>
        <Fact name={all.runs.started}>
          <Moment at={run.started_at} />
        </Fact>
        <Fact name={all.runs.cause}>
          <Principal identity={run.cause} />
        </Fact>
        <Fact name={all.runs.freed}>
          <Total amounts={run.deleted} />
        </Fact>
        <Fact name={all.runs.dead}>
          <Total amounts={run.dead} />
        </Fact>
        {run.error && (
          <Fact name={all.runs.error} isWide>
            {run.error}
          </Fact>
        )}
      </Facts>
      {Object.keys(run.kept).length > 0 && (
        <>
          <Title order={3} size="h5" mt="sm">
            {all.runs.stayed}
          </Title>
          <KeptList kept={run.kept} />
        </>
      )}
    </Part>
  );
}

function Acts({ state, onBegun }: { state: Garbage; onBegun: (job: string) => void }) {
  const mayAct = useMay("operate");
  const isPaused = state.paused !== null;
  const isStill = isPaused || state.mode !== null || state.waits_until !== null;
  const queries = useQueryClient();
  const [isOpen, { open, close }] = useDisclosure();
  const turning = useMutation({
    mutationFn: isPaused ? resume : pause,
    onSuccess: (changed) => queries.setQueryData([KEY, "state"], changed),
  });
  if (!mayAct) return null;
  return (
    <>
      <Refusal error={turning.error} />
      <Group>
        <Button
          leftSection={<IconRecycle size={16} />}
          onClick={open}
          variant={isStill ? "default" : "filled"}
        >
          {isStill ? text.preview : text.run}
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
      <RunDialog isStill={isStill} isOpen={isOpen} onClose={close} onBegun={onBegun} />
    </>
  );
}

function Waiting({ state: { waiting, grace } }: { state: Garbage }) {
  return (
    <Part title={text.waiting}>
      <Facts hasLongNames>
        <Fact name={text.queued}>{waiting.queued ? counted(waiting.queued, all.things) : <None />}</Fact>
        <Fact name={text.dead}>
          <Amount amount={waiting} />
        </Fact>
        {waiting.next_due_at && (
          <Fact name={text.next}>
            {Date.parse(waiting.next_due_at) > Date.now() ? (
              <Moment at={waiting.next_due_at} />
            ) : (
              text.withNextRun
            )}
          </Fact>
        )}
        <Fact name={text.grace}>{duration(grace.minutes)}</Fact>
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

/** Such as `1 day, 10 minutes`. */
function duration(minutes: number): string {
  const parts = [
    [Math.floor(minutes / 1440), text.days],
    [Math.floor(minutes / 60) % 24, text.hours],
    [minutes % 60, text.minutes],
  ] as const;
  const told = parts.filter(([count]) => count > 0).map(([count, forms]) => counted(count, forms));
  return told.join(", ") || counted(0, text.minutes);
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
            <Amount amount={last_sweep.orphans} />
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
