// SPDX-License-Identifier: Apache-2.0
import { Button, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { Dialog, DialogForm, Digest } from "@/ui";
import { promotions } from "@/words/promotions";
import { named } from "./PromotionTable";
import { decide, LONGEST_NOTE, type Promotion, useRenewal, type Verdict } from "./queries";

/** Approves or refuses a promotion, with a note. */
export function Decide({ promotion, verdict }: { promotion: Promotion; verdict: Verdict }) {
  const [isOpen, { open, close }] = useDisclosure();
  const [note, setNote] = useState("");
  const renew = useRenewal();
  const text = promotions[verdict];
  const what = named(promotion);
  const run = async () => {
    await decide(promotion, verdict, note.trim());
    await renew();
  };
  return (
    <>
      <Button size="compact-sm" variant="subtle" onClick={open} aria-label={text.label(what)}>
        {text.act}
      </Button>
      <Dialog title={text.title} isOpen={isOpen} onClose={close}>
        <DialogForm act={text.act} run={run} onDone={close} onCancel={close}>
          <Text style={{ overflowWrap: "anywhere" }}>{promotions.way(what, promotion.target)}</Text>
          <Digest value={promotion.digest} />
          {promotion.note !== "" && (
            <Text size="sm" c="dimmed">
              {promotion.note}
            </Text>
          )}
          <Text>{text.text}</Text>
          <TextInput
            label={promotions.note}
            value={note}
            onChange={(event) => setNote(event.currentTarget.value)}
            maxLength={LONGEST_NOTE}
            data-autofocus
          />
        </DialogForm>
      </Dialog>
    </>
  );
}
