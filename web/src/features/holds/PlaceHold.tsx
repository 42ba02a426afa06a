// SPDX-License-Identifier: Apache-2.0
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { Choice, Dialog, DialogForm } from "@/ui";
import { holds } from "@/words/holds";
import { type Kind, LONGEST_REASON, placeHold, useRenewal } from "./queries";
import { canEnd, momentOf, offeredEnd } from "./terms";

const text = holds.placing;

interface Properties {
  repository: string;
  /** Empty for everything in the repository. */
  digest: string;
  /** The kinds that the viewer may place; at least one. */
  may: readonly Kind[];
  isOpen: boolean;
  onClose: () => void;
}

/** Asks what nobody shall delete, why, and until when. */
export function PlaceHold({ repository, digest, may, isOpen, onClose }: Properties) {
  return (
    <Dialog title={digest ? text.title : text.titleAll(repository)} isOpen={isOpen} onClose={onClose}>
      <Form repository={repository} digest={digest} may={may} onEnd={onClose} />
    </Dialog>
  );
}

type Asked = Omit<Properties, "isOpen" | "onClose"> & { onEnd: () => void };

function Form({ repository, digest, may, onEnd }: Asked) {
  const [kind, setKind] = useState<Kind>(may.includes("user") ? "user" : "legal");
  const [reason, setReason] = useState("");
  const [until, setUntil] = useState(() => offeredEnd(new Date()));
  const renew = useRenewal(repository);
  const run = async () => {
    const what = digest ? { digest } : {};
    await placeHold(repository, { kind, reason: reason.trim(), expires_at: momentOf(until), ...what });
    await renew();
  };
  return (
    <DialogForm
      act={text.act}
      isReady={reason.trim() !== "" && canEnd(kind, until, new Date())}
      run={run}
      onDone={onEnd}
      onCancel={onEnd}
    >
      {may.length > 1 && <Choice label={text.kind} options={holds.kinds} value={kind} onChange={setKind} />}
      <TextInput
        label={text.reason}
        description={text.reasonRule}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={LONGEST_REASON}
        required
        data-autofocus
      />
      <TextInput
        type="date"
        label={text.until}
        description={kind === "legal" ? `${text.untilRule} ${text.untilLegal}` : text.untilRule}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        required={kind === "user"}
      />
    </DialogForm>
  );
}
