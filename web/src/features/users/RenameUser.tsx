// SPDX-License-Identifier: Apache-2.0
import { Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { Dialog, DialogForm } from "@/ui";
import { words } from "@/words";
import { isUserName } from "./names";
import { useRefresh } from "./queries";

const text = words.users.rename;

interface Properties {
  user: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Gives a user another name. */
export function RenameUser({ user, isOpen, onClose }: Properties) {
  const [name, setName] = useState("");
  const refresh = useRefresh();
  const rename = () =>
    answer(api.POST("/api/v1/users/{name}:rename", { params: { path: { name: user } }, body: { name } }));
  const close = () => {
    setName("");
    onClose();
  };
  return (
    <Dialog title={text.title(user)} isOpen={isOpen} onClose={close}>
      <DialogForm
        act={text.act}
        isReady={isUserName(name) && name !== user}
        run={rename}
        onDone={() => {
          refresh();
          close();
        }}
        onCancel={close}
      >
        <Text>{text.consequence(user)}</Text>
        <TextInput
          label={text.name}
          error={name && !isUserName(name) ? words.users.creation.nameInvalid : undefined}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          required
          data-autofocus
        />
      </DialogForm>
    </Dialog>
  );
}
