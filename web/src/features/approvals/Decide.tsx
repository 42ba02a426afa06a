// SPDX-License-Identifier: Apache-2.0
import { Button, Code, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useState } from "react";
import { Dialog, DialogForm } from "@/ui";
import { words } from "@/words";
import { type Approval, useActs, type Verdict } from "./queries";

const LONGEST_COMMENT = 300;

/** Approves or rejects what somebody else asked for, with a comment. */
export function Decide({ approval, verdict }: { approval: Approval; verdict: Verdict }) {
  const [isOpen, { open, close }] = useDisclosure();
  const [comment, setComment] = useState("");
  const { decide } = useActs();
  const text = words.approvals[verdict];
  const isDangerous = verdict === "approve";
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={open}
        aria-label={text.label(`${approval.act} ${approval.target}`)}
      >
        {text.act}
      </Button>
      <Dialog title={text.title(words.approvals.acts[approval.act])} isOpen={isOpen} onClose={close}>
        <DialogForm
          act={text.act}
          isDangerous={isDangerous}
          run={() => decide(approval.id, verdict, comment.trim())}
          onDone={close}
          onCancel={close}
        >
          <Text>
            <Code>{approval.target}</Code>{" "}
            {approval.hours !== null && words.approvals.forHours(approval.hours)}
          </Text>
          <Text size="sm" c="dimmed">
            {approval.reason}
          </Text>
          <Text>{text.text}</Text>
          <TextInput
            label={words.approvals.comment}
            value={comment}
            onChange={(event) => setComment(event.currentTarget.value)}
            maxLength={LONGEST_COMMENT}
            data-autofocus
          />
        </DialogForm>
      </Dialog>
    </>
  );
}
