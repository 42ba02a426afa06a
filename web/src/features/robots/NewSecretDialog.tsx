// SPDX-License-Identifier: Apache-2.0
import { type ReactNode, useState } from "react";
import { DialogForm, SecretDialog } from "@/ui";
import { type Expiry, ExpiryField, type SecretTerms, termsOf, USUAL_EXPIRY } from "./ExpiryField";
import { NewSecretShown } from "./NewSecretShown";
import { type NewSecret, useRefresh } from "./queries";

export interface DialogState {
  isOpen: boolean;
  onClose: () => void;
}

interface Ends {
  onDone: (made: NewSecret) => void;
  onCancel: () => void;
}

interface Properties extends DialogState {
  title: (made?: NewSecret) => string;
  /** The form, which is begun anew whenever the dialog opens. */
  ask: (ends: Ends) => ReactNode;
}

/** Asks for a secret of a robot, then shows it. */
export function NewSecretDialog({ ask, ...dialog }: Properties) {
  const refresh = useRefresh();
  return (
    <SecretDialog<NewSecret>
      {...dialog}
      size="lg"
      ask={(show, onCancel) => {
        const onDone = (made: NewSecret) => {
          show(made);
          refresh();
        };
        return ask({ onDone, onCancel });
      }}
      shown={(made, close) => <NewSecretShown made={made} onDone={close} />}
    />
  );
}

interface FormProperties extends Ends {
  act: string;
  isReady?: boolean;
  run: (terms: SecretTerms) => Promise<NewSecret>;
  children: ReactNode;
}

/** What is asked, and for how long the secret is good. */
export function NewSecretForm({ run, children, ...form }: FormProperties) {
  const [expiry, setExpiry] = useState<Expiry>(USUAL_EXPIRY);
  return (
    <DialogForm {...form} run={() => run(termsOf(expiry))}>
      {children}
      <ExpiryField value={expiry} onChange={setExpiry} />
    </DialogForm>
  );
}
