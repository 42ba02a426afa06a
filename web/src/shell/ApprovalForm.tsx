// SPDX-License-Identifier: Apache-2.0
import { Code, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type components } from "@/api";
import { DialogForm } from "@/ui";
import { words } from "@/words";

export type Wanted = Pick<components["schemas"]["NewApproval"], "act" | "target" | "hours">;

const text = words.approvals.ask;
const LONGEST_REASON = 300;

/** Asks a second person, with a reason. */
export default function ApprovalForm({
  wanted,
  ...ends
}: {
  wanted: Wanted;
  onDone: () => void;
  onCancel: () => void;
}) {
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
