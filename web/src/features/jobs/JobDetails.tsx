// SPDX-License-Identifier: Apache-2.0
import { Button, CloseButton, Drawer, Group, Stack } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlayerStop, IconRefresh } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMay } from "@/shell/session";
import { Command, Confirm, Copyable, Fact, Facts, Failure, Loading, Moment, Refusal } from "@/ui";
import { counted, words } from "@/words";
import { JobProgress } from "./JobProgress";
import { JobState } from "./JobState";
import { cancelJob, isMoving, type Job, retryJob, useJob } from "./queries";

const text = words.jobs;
const fields = text.fields;

/** One job beside the list. */
export function JobDetails({ id, onClose }: { id: string; onClose: () => void }) {
  const job = useJob(id);
  return (
    <Drawer.Root opened onClose={onClose} position="right" size="lg">
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Body pt="md">
          <Group justify="space-between" wrap="nowrap" mb="md">
            <Drawer.Title fz="lg" fw={650}>
              {job.data ? text.details(job.data.kind) : text.list}
            </Drawer.Title>
            <CloseButton onClick={onClose} aria-label={words.ui.close} />
          </Group>
          {job.isPending && <Loading />}
          {!job.data && job.isError && <Failure error={job.error} retry={() => void job.refetch()} />}
          {job.data && (
            <Stack>
              <FactsOf job={job.data} />
              <Acts job={job.data} />
            </Stack>
          )}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function FactsOf({ job }: { job: Job }) {
  return (
    <Facts>
      <Fact name={fields.state}>
        <JobState job={job} />
      </Fact>
      <Fact name={fields.id}>
        <Copyable value={job.id} what={fields.id} />
      </Fact>
      <Fact name={fields.created}>
        <Moment at={job.created_at} />
      </Fact>
      {job.state === "queued" && (
        <Fact name={fields.runAfter}>
          <Moment at={job.run_after} />
        </Fact>
      )}
      <Fact name={fields.started}>
        <Moment at={job.started_at} />
      </Fact>
      {job.finished_at && (
        <Fact name={fields.finished}>
          <Moment at={job.finished_at} />
        </Fact>
      )}
      <Fact name={fields.attempts}>{counted(job.attempts, text.times)}</Fact>
      <Fact name={fields.failures}>{counted(job.failures, text.times)}</Fact>
      {(job.progress || isMoving(job)) && (
        <Fact name={fields.progress}>
          {job.progress ? <JobProgress progress={job.progress} /> : text.noProgress}
        </Fact>
      )}
      {job.last_error && (
        <Fact name={fields.error} isWide>
          <Command text={job.last_error} what={fields.error} />
        </Fact>
      )}
    </Facts>
  );
}

function Acts({ job }: { job: Job }) {
  const queries = useQueryClient();
  const mayAct = useMay("operate");
  const [isOpen, { open, close }] = useDisclosure();
  const take = (changed: Job) => {
    queries.setQueryData(["job", changed.id], changed);
    void queries.invalidateQueries({ queryKey: ["jobs"] });
  };
  const retrying = useMutation({ mutationFn: () => retryJob(job.id), onSuccess: take });
  const isOver = job.state === "dead" || job.state === "cancelled";
  if (!mayAct) return null;
  return (
    <>
      <Refusal error={retrying.error} />
      <Group>
        {isOver && (
          <Button
            leftSection={<IconRefresh size={16} />}
            loading={retrying.isPending}
            onClick={() => retrying.mutate()}
          >
            {text.retry}
          </Button>
        )}
        {isMoving(job) && !job.is_cancelling && (
          <Button variant="light" color="red" leftSection={<IconPlayerStop size={16} />} onClick={open}>
            {text.cancel}
          </Button>
        )}
      </Group>
      <Confirm
        title={text.cancelTitle}
        text={text.cancelText(job.kind)}
        act={text.cancel}
        isOpen={isOpen}
        onClose={close}
        run={async () => take(await cancelJob(job.id))}
      />
    </>
  );
}
