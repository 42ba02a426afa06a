// SPDX-License-Identifier: Apache-2.0
import { Stack, Text, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { Dialog, DialogForm, Fact, Facts, formatNumber } from "@/ui";
import { words } from "@/words";
import { AmountList, KeptList } from "./AmountList";
import { KEY, type Rehearsal, startRun, useRehearsal } from "./queries";

const text = words.garbage.rehearsal;

/** What collecting now would do, and doing it. */
export function RunDialog({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  return (
    <Dialog title={text.title} isOpen={isOpen} onClose={onClose}>
      <RunForm onClose={onClose} />
    </Dialog>
  );
}

function RunForm({ onClose }: { onClose: () => void }) {
  const rehearsal = useRehearsal();
  const queries = useQueryClient();
  const done = () => {
    notifications.show({ message: text.begun });
    void queries.invalidateQueries({ queryKey: [KEY] });
    onClose();
  };
  const would = rehearsal.data?.would;
  return (
    <DialogForm act={text.act} run={startRun} onDone={done} onCancel={onClose}>
      <Text>{text.about}</Text>
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
