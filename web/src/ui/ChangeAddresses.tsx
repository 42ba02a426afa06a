// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { words } from "@/words";
import { AddressesField, addressesIn } from "./AddressesField";
import { Dialog, DialogForm } from "./Dialog";

interface Properties {
  title: string;
  /** Those from which it is good now. */
  allowed: string[];
  isOpen: boolean;
  onClose: () => void;
  run: (addresses: string[]) => Promise<unknown>;
  onDone: () => void;
}

/** Asks from where something is to be good from now on. */
export function ChangeAddresses({ title, isOpen, onClose, ...form }: Properties) {
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose}>
      <AddressesForm {...form} onClose={onClose} />
    </Dialog>
  );
}

function AddressesForm({ allowed, run, onDone, onClose }: Omit<Properties, "title" | "isOpen">) {
  const [typed, setTyped] = useState(allowed.join("\n"));
  const finish = () => {
    onDone();
    onClose();
  };
  return (
    <DialogForm
      act={words.ui.addresses.act}
      run={() => run(addressesIn(typed))}
      onDone={finish}
      onCancel={onClose}
    >
      <AddressesField value={typed} onChange={setTyped} />
    </DialogForm>
  );
}
