// SPDX-License-Identifier: Apache-2.0
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { DialogForm } from "@/ui";
import { words } from "@/words";
import { isRoleName, named } from "./actions";
import { useRefresh } from "./queries";
import { RoleFields, type Terms } from "./RoleFields";

const text = words.roles.creation;

/** Asks for a role. */
export function CreateRole({ onEnd }: { onEnd: () => void }) {
  const [name, setName] = useState("");
  const [terms, setTerms] = useState<Terms>({ description: "", actions: ["pull"] });
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  const body = { name, description: terms.description, actions: named(terms.actions) };
  return (
    <DialogForm
      act={text.act}
      isReady={isRoleName(name) && terms.actions.length > 0}
      run={() => answer(api.POST("/api/v1/roles", { body }))}
      onDone={done}
      onCancel={onEnd}
    >
      <TextInput
        label={text.name}
        description={text.nameRule}
        error={name && !isRoleName(name) ? text.nameInvalid : undefined}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
      <RoleFields value={terms} onChange={setTerms} />
    </DialogForm>
  );
}
