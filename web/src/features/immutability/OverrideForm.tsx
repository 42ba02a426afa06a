// SPDX-License-Identifier: Apache-2.0
import { NativeSelect, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/ui";
import { immutability } from "@/words/immutability";
import { type TagPlace, useGiveOverride } from "./queries";

const text = immutability.tag.override;
const MAX_REASON_CHARACTERS = 300;
const MINUTES = [15, 60, 240, 1_439] as const;

/** Asks why, and for how long. */
export function OverrideForm({ place, onEnd }: { place: TagPlace; onEnd: () => void }) {
  const [reason, setReason] = useState("");
  const [minutes, setMinutes] = useState<number>(60);
  const give = useGiveOverride(place);
  return (
    <DialogForm
      act={text.act}
      isReady={reason.trim() !== ""}
      isDangerous
      run={() => give(reason.trim(), minutes)}
      onDone={onEnd}
      onCancel={onEnd}
    >
      <Text>{text.about}</Text>
      <TextInput
        label={text.reason}
        description={text.reasonRule}
        value={reason}
        maxLength={MAX_REASON_CHARACTERS}
        onChange={(event) => setReason(event.currentTarget.value)}
        required
        data-autofocus
      />
      <NativeSelect
        label={text.length}
        value={String(minutes)}
        onChange={(event) => setMinutes(Number(event.currentTarget.value))}
        data={MINUTES.map((each) => ({ value: String(each), label: text.lengths[each] }))}
      />
    </DialogForm>
  );
}
