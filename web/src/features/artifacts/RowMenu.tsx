// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { words } from "@/words";
import classes from "./artifacts.module.css";

/** What can be done with one row of a table. The menu is made when it is first opened: tables have many rows. */
export function RowMenu({ of, children }: { of: string; children: () => ReactNode }) {
  const [isWanted, want] = useState(false);
  const label = words.artifacts.actionsFor(of);
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
