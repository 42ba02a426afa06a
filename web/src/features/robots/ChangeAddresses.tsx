// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { answer, api } from "@/api";
import { AddressesField, addressesIn, Dialog, DialogForm } from "@/ui";
import { words } from "@/words";
import { useRefresh } from "./queries";

const text = words.robots.addresses;

interface Properties {
  robot: string;
  allowed: string[];
  isOpen: boolean;
  onClose: () => void;
}

/** Asks from where a robot may log in. */
export function ChangeAddresses({ robot, allowed, ...dialog }: Properties) {
  return (
    <Dialog title={text.title(robot)} {...dialog}>
      <AddressesForm robot={robot} allowed={allowed} onClose={dialog.onClose} />
    </Dialog>
  );
}

function AddressesForm({ robot, allowed, onClose }: Omit<Properties, "isOpen">) {
  const [typed, setTyped] = useState(allowed.join("\n"));
  const refresh = useRefresh();
  const change = () => {
    const body = { allowed_addresses: addressesIn(typed) };
    return answer(api.PATCH("/api/v1/robots/{robot}", { params: { path: { robot } }, body }));
  };
  const finish = () => {
    refresh();
    onClose();
  };
  return (
    <DialogForm act={text.act} run={change} onDone={finish} onCancel={onClose}>
      <AddressesField value={typed} onChange={setTyped} />
    </DialogForm>
  );
}
