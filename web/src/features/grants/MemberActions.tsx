// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { IconShieldCog, IconUserMinus } from "@tabler/icons-react";
import { useState } from "react";
import { useViewer } from "@/shell/session";
import { Confirm, Dialog, DialogForm, MenuAct, MenuRemoval, nameOf, RowMenu } from "@/ui";
import { words } from "@/words";
import { endLike, momentOf } from "./ends";
import { type Member, putMember, removeMember, useRefresh } from "./queries";
import { RoleChoice } from "./RoleChoice";
import { useRoles } from "./roles";
import { UntilField } from "./UntilField";

const text = words.grants;

export function MemberActions({ project, member }: { project: string; member: Member }) {
  const [open, setOpen] = useState<"change" | "remove" | null>(null);
  const refresh = useRefresh();
  const viewer = useViewer();
  const name = nameOf(member.principal);
  const isViewer = member.principal === `user:${viewer?.name}` && !viewer?.isAdministrator;
  const close = () => setOpen(null);
  const remove = async () => {
    await removeMember(project, member.principal);
    refresh();
  };
  return (
    <>
      <RowMenu label={text.actionsFor(name)}>
        {() => (
          <>
            <MenuAct icon={IconShieldCog} onClick={() => setOpen("change")}>
              {text.change.item}
            </MenuAct>
            <MenuRemoval icon={IconUserMinus} onClick={() => setOpen("remove")}>
              {text.remove.item}
            </MenuRemoval>
          </>
        )}
      </RowMenu>
      <Dialog title={text.change.title(name)} isOpen={open === "change"} onClose={close}>
        <ChangeRole project={project} member={member} onEnd={close} />
      </Dialog>
      <Confirm
        title={text.remove.title(name)}
        text={
          <Stack gap="xs">
            <Text inherit>{text.remove.text(name, project)}</Text>
            {isViewer && <Text inherit>{text.remove.yourself}</Text>}
          </Stack>
        }
        act={text.remove.act}
        isOpen={open === "remove"}
        onClose={close}
        run={remove}
      />
    </>
  );
}

function ChangeRole({ project, member, onEnd }: { project: string; member: Member; onEnd: () => void }) {
  const { principal, expires_at: kept } = member;
  const [role, setRole] = useState(member.role);
  const [end, setEnd] = useState(() => endLike(kept, new Date()));
  const roles = useRoles();
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  const until = () => momentOf(end, new Date(), kept);
  return (
    <DialogForm
      act={text.change.act}
      isReady={(role !== member.role || until() !== kept) && until() !== undefined}
      run={() => putMember(project, principal, role, until())}
      onDone={done}
      onCancel={onEnd}
    >
      <RoleChoice value={role} onChange={setRole} roles={roles} />
      <UntilField value={end} onChange={setEnd} mayKeep={kept !== null} />
    </DialogForm>
  );
}
