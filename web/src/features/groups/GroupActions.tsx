// SPDX-License-Identifier: Apache-2.0
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { answer, api } from "@/api";
import { Confirm, Dialog, DialogForm, MenuAct, MenuRemoval, RowMenu } from "@/ui";
import { words } from "@/words";
import { DescriptionField } from "./DescriptionField";
import { type Group, useRefresh } from "./queries";

const text = words.groups;

interface Properties {
  group: Group;
  /** What to do once it is gone. */
  onDeleted?: () => Promise<unknown>;
}

/** What an administrator can do to a group. */
export function GroupActions({ group, onDeleted }: Properties) {
  const [open, setOpen] = useState<"change" | "remove" | null>(null);
  const refresh = useRefresh();
  const { name } = group;
  const close = () => setOpen(null);
  const remove = async () => {
    await answer(api.DELETE("/api/v1/groups/{name}", { params: { path: { name } } }));
    await onDeleted?.();
    refresh();
  };
  return (
    <>
      <RowMenu label={text.actionsFor(name)}>
        {() => (
          <>
            <MenuAct icon={IconPencil} onClick={() => setOpen("change")}>
              {text.change.item}
            </MenuAct>
            <MenuRemoval onClick={() => setOpen("remove")}>{text.remove.item}</MenuRemoval>
          </>
        )}
      </RowMenu>
      <Dialog title={text.change.title(name)} isOpen={open === "change"} onClose={close}>
        <ChangeDescription group={group} onEnd={close} />
      </Dialog>
      <Confirm
        title={text.remove.title(name)}
        text={text.remove.text(name)}
        act={text.remove.act}
        typed={name}
        isOpen={open === "remove"}
        onClose={close}
        run={remove}
      />
    </>
  );
}

function ChangeDescription({
  group: { name, description: before },
  onEnd,
}: {
  group: Group;
  onEnd: () => void;
}) {
  const [description, setDescription] = useState(before);
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.change.act}
      isReady={description !== before}
      run={() =>
        answer(api.PATCH("/api/v1/groups/{name}", { params: { path: { name } }, body: { description } }))
      }
      onDone={done}
      onCancel={onEnd}
    >
      <DescriptionField value={description} onChange={setDescription} data-autofocus />
    </DialogForm>
  );
}
