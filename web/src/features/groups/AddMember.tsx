// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { DialogForm, IN_PARTICULAR, identityOf, isSomebody, NOBODY, PrincipalFields } from "@/ui";
import { words } from "@/words";
import { putMember, useRefresh } from "./queries";

/** Asks whom to put into a group. */
export function AddMember({ name, onEnd }: { name: string; onEnd: () => void }) {
  const [who, setWho] = useState(NOBODY);
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={words.groups.addition.act}
      isReady={isSomebody(who)}
      run={() => putMember(name, identityOf(who))}
      onDone={done}
      onCancel={onEnd}
    >
      <PrincipalFields value={who} onChange={setWho} kinds={IN_PARTICULAR} />
    </DialogForm>
  );
}
