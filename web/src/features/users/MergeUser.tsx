// SPDX-License-Identifier: Apache-2.0
import { Autocomplete, List, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { answer, api, type components } from "@/api";
import { useUserNames } from "@/shell/accounts";
import { Dialog, DialogForm } from "@/ui";
import { words } from "@/words";
import { isUserName } from "./names";
import { useRefresh } from "./queries";

type Merger = components["schemas"]["MergerView"];

const text = words.users.merge;

interface Properties {
  user: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Makes a user and another one of the same person one: first it is shown what goes where. */
export function MergeUser({ user, isOpen, onClose }: Properties) {
  const [preview, setPreview] = useState<Merger>();
  const close = () => {
    setPreview(undefined);
    onClose();
  };
  return (
    <Dialog title={text.title(user)} isOpen={isOpen} onClose={close}>
      {preview ? (
        <Meant preview={preview} onDone={close} />
      ) : (
        <Asked user={user} onDone={setPreview} onCancel={close} />
      )}
    </Dialog>
  );
}

function merge(user: string, into: string, isRehearsal: boolean): Promise<Merger> {
  const params = { path: { name: user } };
  return answer(api.POST("/api/v1/users/{name}:merge", { params, body: { into, dry_run: isRehearsal } }));
}

interface AskedProperties {
  user: string;
  onDone: (preview: Merger) => void;
  onCancel: () => void;
}

function Asked({ user, onDone, onCancel }: AskedProperties) {
  const [into, setInto] = useState("");
  const names = useUserNames()?.filter((name) => name !== user) ?? [];
  return (
    <DialogForm
      act={text.look}
      isReady={isUserName(into) && into !== user}
      run={() => merge(user, into, true)}
      onDone={onDone}
      onCancel={onCancel}
    >
      <Text>{text.why(user)}</Text>
      <Autocomplete
        label={text.into}
        description={text.intoRule}
        data={names.includes(into) ? [] : names}
        value={into}
        onChange={setInto}
        limit={5}
        comboboxProps={{ withinPortal: false }}
        openOnFocus={false}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
    </DialogForm>
  );
}

function Meant({ preview, onDone }: { preview: Merger; onDone: () => void }) {
  const refresh = useRefresh();
  const { source, into } = preview;
  return (
    <DialogForm
      act={text.act(source, into)}
      isDangerous
      run={() => merge(source, into, false)}
      onDone={() => {
        notifications.show({ message: text.done(source, into) });
        refresh();
        onDone();
      }}
      onCancel={onDone}
    >
      <Text>{text.goes(source, into)}</Text>
      <List size="sm">
        <List.Item>{text.grants(preview.grant_count)}</List.Item>
        <List.Item>{text.groups(preview.groups)}</List.Item>
        {preview.groups_left.length > 0 && <List.Item>{text.groupsLeft(preview.groups_left)}</List.Item>}
        <List.Item>{text.tokens(preview.tokens.map((token) => token.new_name))}</List.Item>
      </List>
      <Text>{text.ends(source, into)}</Text>
    </DialogForm>
  );
}
