// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconArrowMerge,
  IconBan,
  IconCheck,
  IconDots,
  IconKey,
  IconPencil,
  IconShieldCheck,
  IconShieldMinus,
  IconShieldPlus,
  IconShieldX,
  IconTrash,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";
import { words } from "@/words";
import { MergeUser } from "./MergeUser";
import type { User } from "./queries";
import { RenameUser } from "./RenameUser";
import { ResetPassword } from "./ResetPassword";
import { type Act, UserConfirms } from "./UserConfirms";

const text = words.users;

type Form = "reset" | "rename" | "merge";
type Dialogue = Act | Form;

function isForm(open: Dialogue | null): open is Form {
  return open === "reset" || open === "rename" || open === "merge";
}

/** What an administrator can do to a user. */
export function UserActions({ user }: { user: User }) {
  const [open, setOpen] = useState<Dialogue | null>(null);
  const isViewer = useViewer()?.name === user.name;
  const hasFactors = useIsMounted("second_factors") && user.second_factor && !isViewer;
  const hasGrants = useIsMounted("grants");
  const Standing = user.administrator ? IconShieldMinus : IconShieldPlus;
  const Ability = user.disabled ? IconCheck : IconBan;
  const item = (act: Dialogue) => () => setOpen(act);
  const close = () => setOpen(null);
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={text.actionsFor(user.name)}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<Standing size={16} />}
            onClick={item(user.administrator ? "demote" : "promote")}
          >
            {user.administrator ? text.demote.item : text.promote.item}
          </Menu.Item>
          {!user.provider && (
            <Menu.Item leftSection={<IconKey size={16} />} onClick={item("reset")}>
              {text.reset.item}
            </Menu.Item>
          )}
          {hasFactors && (
            <Menu.Item leftSection={<IconShieldX size={16} />} onClick={item("resetFactors")}>
              {text.resetFactors.item}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={item("rename")}>
            {text.rename.item}
          </Menu.Item>
          {!isViewer && (
            <Menu.Item leftSection={<IconArrowMerge size={16} />} onClick={item("merge")}>
              {text.merge.item}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<Ability size={16} />} onClick={item(user.disabled ? "enable" : "disable")}>
            {user.disabled ? text.enable.item : text.disable.item}
          </Menu.Item>
          {hasGrants && (
            <Menu.Item
              leftSection={<IconShieldCheck size={16} />}
              component={Link}
              to={"/grants" as "/"}
              search={{ principal: `user:${user.name}` } as never}
            >
              {text.grants}
            </Menu.Item>
          )}
          <Menu.Item
            color="var(--mantine-color-error)"
            leftSection={<IconTrash size={16} />}
            onClick={item("remove")}
          >
            {text.remove.item}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ResetPassword user={user.name} isOpen={open === "reset"} onClose={close} />
      <RenameUser user={user.name} isOpen={open === "rename"} onClose={close} />
      <MergeUser user={user.name} isOpen={open === "merge"} onClose={close} />
      <UserConfirms user={user.name} isViewer={isViewer} open={isForm(open) ? null : open} onClose={close} />
    </>
  );
}
