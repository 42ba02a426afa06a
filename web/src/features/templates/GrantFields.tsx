// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Autocomplete, Group, NativeSelect, TextInput } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { words } from "@/words";
import { type DraftGrant, KINDS, type Kind } from "./drafts";

const text = words.templates.form;
const ROLES = Object.keys(words.roles.builtIn);

interface Properties {
  grant: DraftGrant;
  position: number;
  isProject: boolean;
  onChange: (grant: DraftGrant) => void;
  onRemove: () => void;
}

/** Asks who gets which role, and in a project where. */
export function GrantFields({ grant, position, isProject, onChange, onRemove }: Properties) {
  const typed = { autoComplete: "off", spellCheck: false, required: true, miw: 100, flex: 1 };
  return (
    <Group align="end" gap="xs" role="group" aria-label={`${text.grants} ${position}`}>
      <NativeSelect
        label={text.kind}
        value={grant.kind}
        onChange={(event) => onChange({ ...grant, kind: event.currentTarget.value as Kind, name: "" })}
        data={KINDS.map((kind) => ({ value: kind, label: text.kinds[kind] }))}
      />
      {grant.kind !== "creator" && (
        <TextInput
          {...typed}
          label={text.principal}
          value={grant.name}
          onChange={(event) => onChange({ ...grant, name: event.currentTarget.value })}
        />
      )}
      <Autocomplete
        {...typed}
        label={text.role}
        data={ROLES.includes(grant.role) ? [] : ROLES}
        value={grant.role}
        onChange={(role) => onChange({ ...grant, role })}
        comboboxProps={{ withinPortal: false }}
      />
      {isProject && (
        <TextInput
          {...typed}
          required={false}
          label={text.path}
          value={grant.path}
          onChange={(event) => onChange({ ...grant, path: event.currentTarget.value })}
        />
      )}
      <ActionIcon variant="subtle" size="lg" onClick={onRemove} aria-label={text.removeGrant(position)}>
        <IconTrash size={16} />
      </ActionIcon>
    </Group>
  );
}
