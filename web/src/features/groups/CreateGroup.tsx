// SPDX-License-Identifier: Apache-2.0
import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { answer, api } from "@/api";
import { DialogForm } from "@/ui";
import { words } from "@/words";
import { DescriptionField } from "./DescriptionField";
import { isGroupName } from "./names";
import { useRefresh } from "./queries";

const text = words.groups.creation;

/** Asks for a group, and leads to it. */
export function CreateGroup({ onCancel }: { onCancel: () => void }) {
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const refresh = useRefresh();
  const navigate = useNavigate();
  const done = () => {
    refresh();
    void navigate({ to: `/groups/${name}` as "/" });
  };
  return (
    <DialogForm
      act={text.act}
      isReady={isGroupName(name)}
      run={() => answer(api.POST("/api/v1/groups", { body: { name, description } }))}
      onDone={done}
      onCancel={onCancel}
    >
      <TextInput
        label={text.name}
        description={text.nameRule}
        error={name && !isGroupName(name) ? text.nameInvalid : undefined}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
      <DescriptionField value={description} onChange={setDescription} />
    </DialogForm>
  );
}
