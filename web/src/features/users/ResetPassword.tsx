// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { answer, api } from "@/api";
import { DialogForm, SecretDialog } from "@/ui";
import { words } from "@/words";
import { given, isAcceptable, MADE_UP, PasswordChoice } from "./PasswordChoice";
import { PasswordShown } from "./PasswordShown";
import { useRefresh } from "./queries";

const text = words.users;

interface Properties {
  user: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Gives a user another password, then shows it if it was made up. */
export function ResetPassword({ user, ...dialog }: Properties) {
  const refresh = useRefresh();
  return (
    <SecretDialog<string>
      {...dialog}
      title={() => text.reset.title(user)}
      ask={(show, close) => (
        <ResetForm
          user={user}
          onDone={(password) => {
            refresh();
            if (password) return show(password);
            notifications.show({ message: text.reset.done(user) });
            close();
          }}
          onCancel={close}
        />
      )}
      shown={(password, close) => <PasswordShown password={password} onDone={close} />}
    />
  );
}

interface FormProperties {
  user: string;
  onDone: (password: string | null) => void;
  onCancel: () => void;
}

function ResetForm({ user, onDone, onCancel }: FormProperties) {
  const [password, setPassword] = useState(MADE_UP);
  const reset = () =>
    answer(
      api.POST("/api/v1/users/{name}/password", {
        params: { path: { name: user } },
        body: { password: given(password) },
      }),
    );
  return (
    <DialogForm
      act={text.reset.act}
      isReady={isAcceptable(password)}
      run={reset}
      onDone={(answered) => onDone(answered.password)}
      onCancel={onCancel}
    >
      <Text>{text.reset.why}</Text>
      <PasswordChoice value={password} onChange={setPassword} />
    </DialogForm>
  );
}
