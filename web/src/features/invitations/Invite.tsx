// SPDX-License-Identifier: Apache-2.0
import { MultiSelect, NativeSelect, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { useGroupNames } from "@/shell/accounts";
import { DialogForm, Moment, Secret, SecretDialog } from "@/ui";
import { words } from "@/words";
import { type Made, useRefresh } from "./queries";

const text = words.invitations.creation;
const HOURS = ["24", "72", "168", "720"] as const;

type Hours = (typeof HOURS)[number];

/** Asks whom to invite, then shows the link. */
export function Invite(dialog: { isOpen: boolean; onClose: () => void }) {
  const refresh = useRefresh();
  return (
    <SecretDialog<Made>
      {...dialog}
      size="lg"
      title={(made) => (made ? text.made(made.label) : text.title)}
      ask={(show, close) => (
        <InvitationForm
          onDone={(made) => {
            show(made);
            refresh();
          }}
          onCancel={close}
        />
      )}
      shown={(made, close) => (
        <Secret value={made.link} what={text.link} onDone={close}>
          <Text size="sm">{text.handOver}</Text>
          <Text size="sm">
            {text.until} <Moment at={made.expires_at} />
          </Text>
        </Secret>
      )}
    />
  );
}

function InvitationForm({ onDone, onCancel }: { onDone: (made: Made) => void; onCancel: () => void }) {
  const [label, setLabel] = useState("");
  const [name, setName] = useState("");
  const [groups, setGroups] = useState<string[]>([]);
  const [hours, setHours] = useState<Hours>("72");
  const known = useGroupNames();
  const send = () =>
    answer(
      api.POST("/api/v1/invitations", {
        body: { label, user_name: name || null, groups, expires_in_hours: Number(hours) },
      }),
    );
  return (
    <DialogForm act={text.act} isReady={label.trim() !== ""} run={send} onDone={onDone} onCancel={onCancel}>
      <TextInput
        label={text.label}
        description={text.labelRule}
        value={label}
        onChange={(event) => setLabel(event.currentTarget.value)}
        autoComplete="off"
        required
        data-autofocus
      />
      <TextInput
        label={text.name}
        description={text.nameRule}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
      />
      {known && known.length > 0 && (
        <MultiSelect
          label={text.groups}
          description={text.groupsRule}
          data={known}
          value={groups}
          onChange={setGroups}
          maxValues={20}
          searchable
          comboboxProps={{ withinPortal: false }}
        />
      )}
      <NativeSelect
        label={text.hours}
        value={hours}
        onChange={(event) => setHours(event.currentTarget.value as Hours)}
        data={HOURS.map((each) => ({ value: each, label: text.choices[each] }))}
      />
    </DialogForm>
  );
}
