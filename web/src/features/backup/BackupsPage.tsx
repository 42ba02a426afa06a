// SPDX-License-Identifier: Apache-2.0
import { Button, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconDatabaseExport, IconFolderOff } from "@tabler/icons-react";
import { useState } from "react";
import { useMay } from "@/shell/session";
import { Command, Failure, Loading, Notice, Page } from "@/ui";
import { backup as text } from "@/words/backup";
import { BackupList } from "./BackupList";
import { Missing, PlanCard } from "./PlanCard";
import { type Plan, usePlan } from "./queries";
import { TakeBackup } from "./TakeBackup";
import { Taking } from "./Taking";

export default function BackupsPage() {
  const [begun, setBegun] = useState("");
  const plan = usePlan();
  return (
    <Page
      title={text.title}
      about={text.about}
      actions={plan.data?.folder && <TakeNow plan={plan.data} onBegun={setBegun} />}
    >
      {plan.isPending && <Loading />}
      {!plan.data && plan.isError && <Failure error={plan.error} retry={() => void plan.refetch()} />}
      {plan.data && <Parts plan={plan.data} job={plan.data.job ?? begun} />}
    </Page>
  );
}

function Parts({ plan, job }: { plan: Plan; job: string }) {
  return (
    <Stack>
      {plan.failing && <Missing failing={plan.failing} />}
      <Taking id={job} />
      {plan.folder ? <PlanCard plan={plan} /> : <NoFolder />}
      {(plan.folder || plan.kept > 0) && <BackupList isRunning={!!plan.job} />}
    </Stack>
  );
}

function TakeNow({ plan, onBegun }: { plan: Plan; onBegun: (job: string) => void }) {
  const [isOpen, { open, close }] = useDisclosure();
  if (!useMay("operate")) return null;
  return (
    <>
      <Button leftSection={<IconDatabaseExport size={16} />} onClick={open} disabled={!!plan.job}>
        {text.take.open}
      </Button>
      <TakeBackup plan={plan} isOpen={isOpen} onClose={close} onBegun={onBegun} />
    </>
  );
}

function NoFolder() {
  const hint = (
    <Stack ta="start">
      <Text inherit>{text.noFolderHint}</Text>
      <Command text={text.example} what={text.configuration} />
    </Stack>
  );
  return <Notice icon={IconFolderOff} title={text.noFolder} text={hint} />;
}
