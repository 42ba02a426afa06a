// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconTrash } from "@tabler/icons-react";
import { type ComponentType, type ReactNode, useState } from "react";
import classes from "./ui.module.css";

/** What can be done with one row of a table. The menu is made when it is first opened: tables have many rows. */
export function RowMenu({ label, children }: { label: string; children: () => ReactNode }) {
  const [isWanted, want] = useState(false);
  if (!isWanted)
    return (
      <button
        type="button"
        className={classes.dots}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={false}
        onClick={() => want(true)}
      >
        <IconDots size={18} />
      </button>
    );
  return (
    <Menu position="bottom-end" defaultOpened>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={label}>
          <IconDots size={18} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>{children()}</Menu.Dropdown>
    </Menu>
  );
}

interface Act {
  icon: ComponentType<{ size: number }>;
  onClick: () => void;
  children: ReactNode;
}

/** Something that can be done, in a menu. */
export function MenuAct({ icon: Icon, onClick, children }: Act) {
  return (
    <Menu.Item leftSection={<Icon size={16} />} onClick={onClick}>
      {children}
    </Menu.Item>
  );
}

/** The same for what takes something away. */
export function MenuRemoval({
  icon: Icon = IconTrash,
  onClick,
  children,
}: Partial<Pick<Act, "icon">> & Omit<Act, "icon">) {
  return (
    <Menu.Item color="var(--mantine-color-error)" leftSection={<Icon size={16} />} onClick={onClick}>
      {children}
    </Menu.Item>
  );
}
