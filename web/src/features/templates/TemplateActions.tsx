// SPDX-License-Identifier: Apache-2.0
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm, Dialog, MenuAct, MenuRemoval, RowMenu } from "@/ui";
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
    await deleteTemplate(template);
    refresh();
  };
  return (
    <>
      <RowMenu label={text.actionsFor(name)}>
        {() => (
          <>
            <MenuAct icon={IconPencil} onClick={() => setOpen("change")}>
              {text.change}
            </MenuAct>
            <MenuRemoval onClick={() => setOpen("remove")}>{text.remove.item}</MenuRemoval>
          </>
        )}
      </RowMenu>
      <Dialog title={text.form.change(name)} isOpen={open === "change"} onClose={close} size="lg">
        <TemplateForm project={template.project ?? ""} template={template} onEnd={close} />
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
