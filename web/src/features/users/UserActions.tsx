// SPDX-License-Identifier: Apache-2.0
import { Menu } from "@mantine/core";
import {
  IconArrowMerge,
  IconBan,
  IconCheck,
  IconKey,
  IconPencil,
  IconShieldCheck,
  IconShieldMinus,
  IconShieldPlus,
  IconShieldX,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";
import { MenuAct, MenuRemoval, RowMenu } from "@/ui";
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
      <RowMenu label={text.actionsFor(user.name)}>
        {() => (
          <>
            <MenuAct icon={Standing} onClick={item(user.administrator ? "demote" : "promote")}>
              {user.administrator ? text.demote.item : text.promote.item}
            </MenuAct>
            {!user.provider && (
              <MenuAct icon={IconKey} onClick={item("reset")}>
                {text.reset.item}
              </MenuAct>
            )}
            {hasFactors && (
              <MenuAct icon={IconShieldX} onClick={item("resetFactors")}>
                {text.resetFactors.item}
              </MenuAct>
            )}
            <MenuAct icon={IconPencil} onClick={item("rename")}>
              {text.rename.item}
            </MenuAct>
            {!isViewer && (
              <MenuAct icon={IconArrowMerge} onClick={item("merge")}>
                {text.merge.item}
              </MenuAct>
            )}
            <MenuAct icon={Ability} onClick={item(user.disabled ? "enable" : "disable")}>
              {user.disabled ? text.enable.item : text.disable.item}
            </MenuAct>
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
            <MenuRemoval onClick={item("remove")}>{text.remove.item}</MenuRemoval>
          </>
        )}
      </RowMenu>
      <ResetPassword user={user.name} isOpen={open === "reset"} onClose={close} />
      <RenameUser user={user.name} isOpen={open === "rename"} onClose={close} />
      <MergeUser user={user.name} isOpen={open === "merge"} onClose={close} />
      <UserConfirms user={user.name} isViewer={isViewer} open={isForm(open) ? null : open} onClose={close} />
    </>
  );
}
