// SPDX-License-Identifier: Apache-2.0
import { useState } from "react";
import { DialogForm, IN_PARTICULAR, identityOf, isSomebody, NOBODY, PrincipalFields } from "@/ui";
import { words } from "@/words";
import { momentOf, NEVER } from "./ends";
import { putMember, useRefresh } from "./queries";
import { RoleChoice } from "./RoleChoice";
import { useRoles } from "./roles";
import { UntilField } from "./UntilField";

const text = words.grants;

export function AddMember({ project, onEnd }: { project: string; onEnd: () => void }) {
  const [who, setWho] = useState(NOBODY);
  const [role, setRole] = useState("read");
  const [end, setEnd] = useState(NEVER);
  const roles = useRoles();
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.addition.act}
      isReady={isSomebody(who) && momentOf(end, new Date()) !== undefined}
      run={() => putMember(project, identityOf(who), role, momentOf(end, new Date()))}
      onDone={done}
      onCancel={onEnd}
    >
      <PrincipalFields value={who} onChange={setWho} kinds={IN_PARTICULAR} project={project} />
      <RoleChoice value={role} onChange={setRole} roles={roles} />
      <UntilField value={end} onChange={setEnd} />
    </DialogForm>
  );
}
