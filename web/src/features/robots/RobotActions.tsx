// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Button, Menu } from "@mantine/core";
import { IconBan, IconCheck, IconChevronDown, IconDots, IconRefresh } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api } from "@/api";
import { Confirm, MenuAct, MenuRemoval, tellRefused } from "@/ui";
import { words } from "@/words";
import { type Robot, useRefresh } from "./queries";
import { RotateRobot } from "./RotateRobot";

const text = words.robots;

interface Properties {
  robot: Pick<Robot, "name" | "enabled">;
  /** Called once it is deleted; given on a page that is about the robot. */
  onDeleted?: () => Promise<void>;
}

/** What can be done to a robot. */
export function RobotActions({ robot: { name, enabled }, onDeleted }: Properties) {
  const [open, setOpen] = useState<"rotate" | "disable" | "delete" | null>(null);
  const refresh = useRefresh();
  const close = () => setOpen(null);
  const params = { path: { robot: name } };
  const enabling = useMutation({
    mutationFn: () => answer(api.POST("/api/v1/robots/{robot}:enable", { params })),
    onSuccess: refresh,
    onError: (error) => tellRefused(error, words.ui.failed),
  });
  const disable = async () => {
    await answer(api.POST("/api/v1/robots/{robot}:disable", { params }));
    refresh();
  };
  const remove = async () => {
    await answer(api.DELETE("/api/v1/robots/{robot}", { params }));
    await onDeleted?.();
    refresh();
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          {onDeleted ? (
            <Button variant="default" rightSection={<IconChevronDown size={16} />}>
              {words.ui.actions}
            </Button>
          ) : (
            <ActionIcon variant="subtle" color="gray" aria-label={text.actionsFor(name)}>
              <IconDots size={16} />
            </ActionIcon>
          )}
        </Menu.Target>
        <Menu.Dropdown>
          <MenuAct icon={IconRefresh} onClick={() => setOpen("rotate")}>
            {text.rotate.item}
          </MenuAct>
          {enabled ? (
            <MenuAct icon={IconBan} onClick={() => setOpen("disable")}>
              {text.disable.item}
            </MenuAct>
          ) : (
            <MenuAct icon={IconCheck} onClick={() => enabling.mutate()}>
              {text.enable}
            </MenuAct>
          )}
          <MenuRemoval onClick={() => setOpen("delete")}>{text.remove.item}</MenuRemoval>
        </Menu.Dropdown>
      </Menu>
      <RotateRobot robot={name} isOpen={open === "rotate"} onClose={close} />
      <Confirm
        title={text.disable.title(name)}
        text={text.disable.text}
        act={text.disable.act}
        isOpen={open === "disable"}
        onClose={close}
        run={disable}
      />
      <Confirm
        title={text.remove.title(name)}
        text={text.remove.text}
        act={text.remove.act}
        isOpen={open === "delete"}
        onClose={close}
        run={remove}
      />
    </>
  );
}
