// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu, Stack, Text } from "@mantine/core";
import { IconDots, IconShieldCog, IconUserMinus } from "@tabler/icons-react";
import { useState } from "react";
import { useViewer } from "@/shell/session";
import { Choice, Confirm, Dialog, DialogForm } from "@/ui";
import { words } from "@/words";
import { type Member, putMember, type Role, removeMember, useRefresh } from "./queries";

const text = words.grants;

export function MemberActions({ project, member }: { project: string; member: Member }) {
  const [open, setOpen] = useState<"change" | "remove" | null>(null);
  const refresh = useRefresh();
  const viewer = useViewer();
  const name = member.principal.slice(member.principal.indexOf(":") + 1);
  const isViewer = member.principal === `user:${viewer?.name}` && !viewer?.isAdministrator;
  const close = () => setOpen(null);
  const remove = async () => {
    await removeMember(project, member.principal);
    refresh();
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={text.actionsFor(name)}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconShieldCog size={16} />} onClick={() => setOpen("change")}>
            {text.change.item}
          </Menu.Item>
          <Menu.Item
            color="var(--mantine-color-error)"
            leftSection={<IconUserMinus size={16} />}
            onClick={() => setOpen("remove")}
          >
            {text.remove.item}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
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
  const [role, setRole] = useState(member.role as Role);
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.change.act}
      isReady={role !== member.role}
      run={() => putMember(project, member.principal, role)}
      onDone={done}
      onCancel={onEnd}
    >
      <Choice label={text.role} options={text.roles} value={role} onChange={setRole} />
    </DialogForm>
  );
}
