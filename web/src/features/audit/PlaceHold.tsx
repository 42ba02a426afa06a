// SPDX-License-Identifier: Apache-2.0
import { Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/ui";
import { audit } from "@/words/audit";
import { LONGEST_REASON, placeHold, useRefresh } from "./queries";
import { fromField } from "./terms";

const text = audit.holds.placing;

/** Asks for a hold. */
export function PlaceHold({ onEnd }: { onEnd: () => void }) {
  const [reason, setReason] = useState("");
  const [begins, setBegins] = useState("");
  const [ends, setEnds] = useState("");
  const refresh = useRefresh();
  const begins_at = fromField(begins);
  const ends_at = fromField(ends) || null;
  const isBackwards = !!begins_at && ends_at !== null && ends_at <= begins_at;
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.act}
      isReady={reason.trim() !== "" && begins_at !== "" && !isBackwards}
      run={() => placeHold({ reason: reason.trim(), begins_at, ends_at })}
      onDone={done}
      onCancel={onEnd}
    >
      <Textarea
        label={text.reason}
        description={text.reasonRule}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={LONGEST_REASON}
        autosize
        required
        data-autofocus
      />
      <TextInput
        type="datetime-local"
        label={text.begins}
        description={text.beginsRule}
        value={begins}
        onChange={(event) => setBegins(event.currentTarget.value)}
        required
      />
      <TextInput
        type="datetime-local"
        label={text.ends}
        description={text.endsRule}
        error={isBackwards ? text.invalid : undefined}
        value={ends}
        onChange={(event) => setEnds(event.currentTarget.value)}
      />
    </DialogForm>
  );
}
