// SPDX-License-Identifier: Apache-2.0
import { Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api, type components } from "@/api";
import { Dialog, DialogForm } from "@/ui";
import { words } from "@/words";
import { isUserName } from "./names";
import { given, isAcceptable, MADE_UP, PasswordChoice } from "./PasswordChoice";
import { PasswordShown } from "./PasswordShown";
import { useRefresh } from "./queries";

type Created = components["schemas"]["CreatedUser"];

const text = words.users;

/** Asks for a user, then shows the password if it was made up. */
export function CreateUser({ isOpen, onClose }: { isOpen: boolean; onClose: () => void }) {
  const [made, setMade] = useState<{ name: string; password: string }>();
  const refresh = useRefresh();
  const close = () => {
    setMade(undefined);
    onClose();
  };
  const done = ({ name, password }: Created) => {
    refresh();
    if (password) setMade({ name, password });
    else close();
  };
  return (
    <Dialog
      title={made ? text.made.title(made.name) : text.creation.title}
      isOpen={isOpen}
      isHeld={made !== undefined}
      onClose={close}
    >
      {made ? (
        <PasswordShown password={made.password} onDone={close} />
      ) : (
        <UserForm onDone={done} onCancel={close} />
      )}
    </Dialog>
  );
}

function UserForm({ onDone, onCancel }: { onDone: (created: Created) => void; onCancel: () => void }) {
  const [name, setName] = useState("");
  const [password, setPassword] = useState(MADE_UP);
  const [administrator, setAdministrator] = useState(false);
  const body = { name, password: given(password), administrator };
  return (
    <DialogForm
      act={text.creation.act}
      isReady={isUserName(name) && isAcceptable(password)}
      run={() => answer(api.POST("/api/v1/users", { body }))}
      onDone={onDone}
      onCancel={onCancel}
    >
      <TextInput
        label={text.creation.name}
        description={text.creation.nameRule}
        error={name && !isUserName(name) ? text.creation.nameInvalid : undefined}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
      <PasswordChoice value={password} onChange={setPassword} />
      <Checkbox
        label={text.creation.administrator}
        description={text.creation.administratorRule}
        checked={administrator}
        onChange={(event) => setAdministrator(event.currentTarget.checked)}
      />
    </DialogForm>
  );
}
