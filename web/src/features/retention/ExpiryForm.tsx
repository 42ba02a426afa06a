// SPDX-License-Identifier: Apache-2.0
import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { Choice, DialogForm } from "@/ui";
import { retention } from "@/words/retention";
import { isToCome, type Kind, kindOf, sentFor, shownFor } from "./expiring";
import { type Expiry, useSetExpiry } from "./queries";

const text = retention.mark;

interface Properties {
  repository: string;
  tag: string;
  expiry: Expiry;
  onEnd: () => void;
}

/** Asks when a tag is to go: at a time, never, or when its artifact says. */
export function ExpiryForm({ repository, tag, expiry, onEnd }: Properties) {
  const [kind, setKind] = useState<Kind>(() => kindOf(expiry));
  const [at, setAt] = useState(() => shownFor(expiry, new Date()));
  const set = useSetExpiry(repository, tag);
  const isRight = kind !== "at" || isToCome(at, new Date());
  // What nobody has said cannot be forgotten.
  const isSaid = expiry.source === "somebody";
  const run = async () => {
    if (kind !== "artifact" || isSaid) await set(sentFor(kind, at));
  };
  return (
    <DialogForm act={text.act} isReady={isRight} run={run} onDone={onEnd} onCancel={onEnd}>
      <Text size="sm" c="dimmed">
        {text.about}
      </Text>
      <Choice label={text.choice} options={text.choices} value={kind} onChange={setKind} />
      {kind === "at" && (
        <TextInput
          type="datetime-local"
          label={text.at}
          error={at && !isRight ? text.past : undefined}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
          required
        />
      )}
    </DialogForm>
  );
}
