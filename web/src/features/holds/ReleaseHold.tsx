// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { Dialog, DialogForm } from "@/ui";
import { holds as text } from "@/words/holds";
import { extendHold, type Hold, LONGEST_REASON, releaseHold, useRenewal } from "./queries";
import { canEnd, momentOf, offeredEnd } from "./terms";

/** The ways to end a hold later or now, for whoever may. */
export function ChangeHold({ hold }: { hold: Hold }) {
  const [isExtending, extending] = useDisclosure();
  const [isReleasing, releasing] = useDisclosure();
  if (!hold.is_in_force) return null;
  const button = { size: "compact-sm", variant: "default" } as const;
  return (
    <Group gap="xs" justify="flex-end">
      {hold.expires_at !== null && (
        <Button {...button} onClick={extending.open} aria-label={text.extendOf(hold.reason)}>
          {text.extend}
        </Button>
      )}
      <Button {...button} onClick={releasing.open} aria-label={text.releaseOf(hold.reason)}>
        {text.release}
      </Button>
      <Dialog title={text.extending.title} isOpen={isExtending} onClose={extending.close}>
        <Extend hold={hold} onEnd={extending.close} />
      </Dialog>
      <Dialog title={text.releasing.title} isOpen={isReleasing} onClose={releasing.close}>
        <Release hold={hold} onEnd={releasing.close} />
      </Dialog>
    </Group>
  );
}

function Extend({ hold, onEnd }: { hold: Hold; onEnd: () => void }) {
  const [until, setUntil] = useState(() => offeredEnd(new Date(hold.expires_at ?? "")));
  const renew = useRenewal(hold.repository);
  const { placing } = text;
  return (
    <DialogForm
      act={text.extending.act}
      isReady={canEnd(hold.kind, until, new Date())}
      run={async () => {
        await extendHold(hold, momentOf(until));
        await renew();
      }}
      onDone={onEnd}
      onCancel={onEnd}
    >
      <TextInput
        type="date"
        label={placing.until}
        description={hold.kind === "legal" ? `${placing.untilRule} ${placing.untilLegal}` : placing.untilRule}
        value={until}
        onChange={(event) => setUntil(event.currentTarget.value)}
        required={hold.kind === "user"}
        data-autofocus
      />
    </DialogForm>
  );
}

function Release({ hold, onEnd }: { hold: Hold; onEnd: () => void }) {
  const [reason, setReason] = useState("");
  const renew = useRenewal(hold.repository);
  return (
    <DialogForm
      act={text.releasing.act}
      isReady={reason.trim() !== ""}
      isDangerous
      run={async () => {
        await releaseHold(hold, reason.trim());
        await renew();
      }}
      onDone={onEnd}
      onCancel={onEnd}
    >
      <Text>{text.releasing.text(hold.reason)}</Text>
      <TextInput
        label={text.releasing.reason}
        description={text.placing.reasonRule}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={LONGEST_REASON}
        required
        data-autofocus
      />
    </DialogForm>
  );
}
