// SPDX-License-Identifier: Apache-2.0
import { Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import { Dialog, DialogForm, Fact, Facts, formatNumber } from "@/ui";
import { garbage } from "@/words/garbage";
import { AmountList, KeptList } from "./AmountList";
import { type Rehearsal, type Started, startRun, useRehearsal } from "./queries";

const text = garbage.rehearsal;

interface Properties {
  /** Whether no run can begin now: then it is only told what one would do. */
  isStill: boolean;
  onClose: () => void;
  /** Is told the job. */
  onBegun: (job: string) => void;
}

/** What collecting now would do, and doing it. */
export function RunDialog({ isOpen, ...rest }: Properties & { isOpen: boolean }) {
  return (
    <Dialog title={rest.isStill ? text.previewTitle : text.title} isOpen={isOpen} onClose={rest.onClose}>
      <RunForm {...rest} />
    </Dialog>
  );
}

function RunForm({ isStill, onClose, onBegun }: Properties) {
  const rehearsal = useRehearsal();
  const done = ({ job }: Started) => {
    onBegun(job ?? "");
    onClose();
  };
  const would = rehearsal.data?.would;
  return (
    <DialogForm act={text.act} isReady={!isStill} run={startRun} onDone={done} onCancel={onClose}>
      <Text>{isStill ? text.aboutStill : text.about}</Text>
      {rehearsal.isPending && <Text c="dimmed">{text.loading}</Text>}
      {rehearsal.isError && <Text c="dimmed">{text.failed}</Text>}
      {would && <Would would={would} />}
    </DialogForm>
  );
}

function Would({ would }: { would: Rehearsal }) {
  return (
    <Stack>
      <Facts hasLongNames>
        <Fact name={text.manifests}>{formatNumber(would.manifests)}</Fact>
      </Facts>
      <Part title={text.due}>
        <AmountList amounts={would.due} />
      </Part>
      <Part title={text.dead}>
        <AmountList amounts={would.dead} />
      </Part>
      <Part title={text.kept}>
        <KeptList kept={would.kept} />
      </Part>
      {!would.is_complete && <Text size="sm">{text.partly}</Text>}
    </Stack>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Stack gap={4}>
      <Title order={3} size="h5">
        {title}
      </Title>
      {children}
    </Stack>
  );
}
