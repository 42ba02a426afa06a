// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { DialogForm, SecretDialog } from "@/ui";
import { words } from "@/words";
import { type Expiry, ExpiryField, termsOf, USUAL_EXPIRY } from "./ExpiryField";
import { NewSecretShown } from "./NewSecretShown";
import { type NewSecret, useRefresh } from "./queries";

const text = words.robots.ownSecrets;

interface Properties {
  robot: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks for one more secret beside the one there is, then shows it. */
export function AddSecret({ robot, ...dialog }: Properties) {
  const refresh = useRefresh();
  return (
    <SecretDialog<NewSecret>
      {...dialog}
      size="lg"
      title={() => text.addTo(robot)}
      ask={(show, close) => (
        <SecretForm
          robot={robot}
          onDone={(made) => {
            show(made);
            refresh();
          }}
          onCancel={close}
        />
      )}
      shown={(made, close) => <NewSecretShown made={made} onDone={close} />}
    />
  );
}

interface FormProperties {
  robot: string;
  onDone: (made: NewSecret) => void;
  onCancel: () => void;
}

function SecretForm({ robot, onDone, onCancel }: FormProperties) {
  const [expiry, setExpiry] = useState<Expiry>(USUAL_EXPIRY);
  const params = { path: { robot } };
  const add = () => answer(api.POST("/api/v1/robots/{robot}/secrets", { params, body: termsOf(expiry) }));
  return (
    <DialogForm act={text.add} run={add} onDone={onDone} onCancel={onCancel}>
      <Text>{text.why}</Text>
      <ExpiryField value={expiry} onChange={setExpiry} />
    </DialogForm>
  );
}
