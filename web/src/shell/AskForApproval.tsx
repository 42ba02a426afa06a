// SPDX-License-Identifier: Apache-2.0
/** Offers to ask a second person, wherever an act was refused that takes one. */

import { Anchor, Code, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { answer, api, type components, whenApprovalNeeded } from "@/api";
import { Dialog, DialogForm } from "@/ui";
import { words } from "@/words";

type Wanted = Pick<components["schemas"]["NewApproval"], "act" | "target" | "hours">;

const text = words.approvals.ask;
const LONGEST_REASON = 300;

/** A dialog that a refusal opens; what was refused stays as it is below. */
export function AskForApproval() {
  const [wanted, setWanted] = useState<Wanted>();
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    whenApprovalNeeded(({ about }) => {
      setAsked(false);
      setWanted(wantedIn(about));
    });
  }, []);
  const close = () => setWanted(undefined);
  return (
    <Dialog title={text.title} isOpen={!!wanted} zIndex={400} onClose={close}>
      {wanted && !isAsked && <Form wanted={wanted} onDone={() => setAsked(true)} onCancel={close} />}
      {isAsked && (
        <Stack role="status">
          <Text>{text.asked}</Text>
          <Anchor component={Link} to="/approvals" search={{ tab: "mine" } as never} onClick={close}>
            {text.look}
          </Anchor>
        </Stack>
      )}
    </Dialog>
  );
}

function Form({ wanted, ...ends }: { wanted: Wanted; onDone: () => void; onCancel: () => void }) {
  const [reason, setReason] = useState("");
  const client = useQueryClient();
  const ask = async () => {
    await answer(api.POST("/api/v1/approvals", { body: { ...wanted, reason: reason.trim() } }));
    void client.invalidateQueries({ queryKey: ["approvals"] });
  };
  return (
    <DialogForm act={text.act} isReady={reason.trim() !== ""} run={ask} {...ends}>
      <Text>{text.what}</Text>
      <Text size="sm">
        {words.approvals.named(wanted.act)} <Code>{wanted.target}</Code>{" "}
        {typeof wanted.hours === "number" && words.approvals.forHours(wanted.hours)}
      </Text>
      <TextInput
        label={text.reason}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
        maxLength={LONGEST_REASON}
        required
        data-autofocus
      />
    </DialogForm>
  );
}

/** What to ask for; nothing where somebody was asked already, or nobody can be. */
function wantedIn(about: unknown): Wanted | undefined {
  const { act, target, hours, waiting } = (about ?? {}) as Partial<Wanted> & { waiting?: string };
  return act && target && !waiting ? { act, target, hours } : undefined;
}
