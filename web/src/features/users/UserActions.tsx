// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from "@mantine/core";
import {
  IconBan,
  IconCheck,
  IconDots,
  IconKey,
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
import type { User } from "./queries";
import { ResetPassword } from "./ResetPassword";
import { type Act, UserConfirms } from "./UserConfirms";

const text = words.users;

/** What an administrator can do to a user. */
export function UserActions({ user }: { user: User }) {
  const [open, setOpen] = useState<Act | "reset" | null>(null);
  const isViewer = useViewer()?.name === user.name;
  const hasFactors = useIsMounted("second_factors") && user.second_factor && !isViewer;
  const hasGrants = useIsMounted("grants");
  const Standing = user.administrator ? IconShieldMinus : IconShieldPlus;
  const Ability = user.disabled ? IconCheck : IconBan;
  const item = (act: Act | "reset") => () => setOpen(act);
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
      <ResetPassword user={user.name} isOpen={open === "reset"} onClose={() => setOpen(null)} />
      <UserConfirms
        user={user.name}
        isViewer={isViewer}
        open={open === "reset" ? null : open}
        onClose={() => setOpen(null)}
      />
    </>
  );
}
