// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { Choice, DialogForm } from "@/ui";
import { words } from "@/words";
import { identityOf, NOBODY, PrincipalFields } from "./PrincipalFields";
import { putMember, type Role, useRefresh } from "./queries";

const text = words.grants;

export function AddMember({ project, onEnd }: { project: string; onEnd: () => void }) {
  const [who, setWho] = useState(NOBODY);
  const [role, setRole] = useState<Role>("read");
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.addition.act}
      isReady={who.name.trim() !== ""}
      run={() => putMember(project, identityOf(who), role)}
      onDone={done}
      onCancel={onEnd}
    >
      <PrincipalFields value={who} onChange={setWho} project={project} />
      <Choice label={text.role} options={text.roles} value={role} onChange={setRole} />
    </DialogForm>
  );
}
