// SPDX-License-Identifier: Apache-2.0
import { Alert, Text } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { answer, api } from "@/api";
import { Confirm, Dialog, DialogForm, MenuAct, MenuRemoval, RowMenu } from "@/ui";
import { words } from "@/words";
import { ACTIONS, named } from "./actions";
import { type Role, useRefresh } from "./queries";
import { RoleFields, type Terms } from "./RoleFields";

const text = words.roles;

/** What an administrator can do to a role that somebody made. */
export function RoleActions({ role }: { role: Role }) {
  const [open, setOpen] = useState<"change" | "remove" | null>(null);
  const refresh = useRefresh();
  const { name } = role;
  const close = () => setOpen(null);
  const remove = async () => {
    await answer(api.DELETE("/api/v1/roles/{name}", { params: { path: { name } } }));
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
      <Dialog size="lg" title={text.change.title(name)} isOpen={open === "change"} onClose={close}>
        <ChangeRole role={role} onEnd={close} />
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

function ChangeRole({ role: { name, description, actions }, onEnd }: { role: Role; onEnd: () => void }) {
  const known = ACTIONS.filter((action) => actions.includes(action));
  const [terms, setTerms] = useState<Terms>({ description, actions: known });
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  const body = { description: terms.description, actions: named(terms.actions) };
  return (
    <DialogForm
      act={text.change.act}
      isReady={terms.actions.length > 0}
      run={() => answer(api.PUT("/api/v1/roles/{name}", { params: { path: { name } }, body }))}
      onDone={done}
      onCancel={onEnd}
    >
      <Text>{text.change.text}</Text>
      {known.length < actions.length && <Alert color="yellow">{text.change.unknown}</Alert>}
      <RoleFields value={terms} onChange={setTerms} />
    </DialogForm>
  );
}
