// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconPencil, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm, Dialog } from "@/ui";
import { words } from "@/words";
import { deleteTemplate, type Template, useRefresh } from "./queries";
import { TemplateForm } from "./TemplateForm";

const text = words.templates;

/** Changes or deletes a template. */
export function TemplateActions({ template }: { template: Template }) {
  const [open, setOpen] = useState<"change" | "remove">();
  const refresh = useRefresh();
  const { name } = template;
  const close = () => setOpen(undefined);
  const remove = async () => {
    await deleteTemplate(name);
    refresh();
  };
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <ActionIcon variant="subtle" aria-label={text.actionsFor(name)}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setOpen("change")}>
            {text.change}
          </Menu.Item>
          <Menu.Item
            color="var(--mantine-color-error)"
            leftSection={<IconTrash size={16} />}
            onClick={() => setOpen("remove")}
          >
            {text.remove.item}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Dialog title={text.form.change(name)} isOpen={open === "change"} onClose={close} size="lg">
        <TemplateForm template={template} onEnd={close} />
      </Dialog>
      <Confirm
        title={text.remove.title(name)}
        text={text.remove.text}
        act={text.remove.act}
        isOpen={open === "remove"}
        onClose={close}
        run={remove}
      />
    </>
  );
}
