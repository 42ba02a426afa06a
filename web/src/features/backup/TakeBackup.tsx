// SPDX-License-Identifier: Apache-2.0
import { Checkbox, NumberInput, Text } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Dialog, DialogForm } from "@/ui";
import { backup } from "@/words/backup";
import { KEY, type Plan, takeBackup } from "./queries";

const text = backup.take;
const MAX_DAYS = 3_650;

interface Properties {
  plan: Plan;
  onClose: () => void;
  /** Is told the job. */
  onBegun: (job: string) => void;
}

/** Asks for a backup now. */
export function TakeBackup({ isOpen, ...rest }: Properties & { isOpen: boolean }) {
  return (
    <Dialog title={text.title} isOpen={isOpen} onClose={rest.onClose}>
      <TakeForm {...rest} />
    </Dialog>
  );
}

function TakeForm({ plan, onClose, onBegun }: Properties) {
  const [days, setDays] = useState<number | string>(plan.keep_days);
  const [withBlobs, setWithBlobs] = useState(plan.with_blobs);
  const queries = useQueryClient();
  const done = ({ job }: { job: string }) => {
    onBegun(job);
    void queries.invalidateQueries({ queryKey: [KEY] });
    onClose();
  };
  return (
    <DialogForm
      act={text.act}
      isReady={typeof days === "number"}
      run={() => takeBackup(Number(days), withBlobs)}
      onDone={done}
      onCancel={onClose}
    >
      <Text>{text.about}</Text>
      <NumberInput
        label={text.days}
        value={days}
        onChange={setDays}
        min={1}
        max={MAX_DAYS}
        allowDecimal={false}
        clampBehavior="strict"
        data-autofocus
      />
      <Checkbox
        label={text.withBlobs}
        checked={withBlobs}
        onChange={(event) => setWithBlobs(event.currentTarget.checked)}
      />
    </DialogForm>
  );
}
