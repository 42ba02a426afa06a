// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { answer, api } from "@/api";
import { words } from "@/words";
import type { SecretTerms } from "./ExpiryField";
import { type DialogState, NewSecretDialog, NewSecretForm } from "./NewSecretDialog";

const text = words.robots.ownSecrets;

/** Asks for one more secret beside the one there is, then shows it. */
export function AddSecret({ robot, ...dialog }: DialogState & { robot: string }) {
  const params = { path: { robot } };
  const add = (body: SecretTerms) => answer(api.POST("/api/v1/robots/{robot}/secrets", { params, body }));
  return (
    <NewSecretDialog
      {...dialog}
      title={() => text.addTo(robot)}
      ask={(ends) => (
        <NewSecretForm {...ends} act={text.add} run={add}>
          <Text>{text.why}</Text>
        </NewSecretForm>
      )}
    />
  );
}
