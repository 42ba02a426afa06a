// SPDX-License-Identifier: Apache-2.0
import { Checkbox, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api, type components } from "@/api";
import { DialogForm, SecretDialog } from "@/ui";
import { words } from "@/words";
import { isUserName } from "./names";
import { given, isAcceptable, MADE_UP, PasswordChoice } from "./PasswordChoice";
import { PasswordShown } from "./PasswordShown";
import { useRefresh } from "./queries";

type Created = components["schemas"]["CreatedUser"];

const text = words.users;

/** Asks for a user, then shows the password if it was made up. */
export function CreateUser(dialog: { isOpen: boolean; onClose: () => void }) {
  const refresh = useRefresh();
  return (
    <SecretDialog<{ name: string; password: string }>
      {...dialog}
      title={(made) => (made ? text.made.title(made.name) : text.creation.title)}
      ask={(show, close) => (
        <UserForm
          onDone={({ name, password }) => {
            refresh();
            if (password) show({ name, password });
            else close();
          }}
          onCancel={close}
        />
      )}
      shown={({ password }, close) => <PasswordShown password={password} onDone={close} />}
    />
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
