// SPDX-License-Identifier: Apache-2.0
import { Checkbox, Stack, TextInput } from "@mantine/core";
import { words } from "@/words";
import { ACTIONS, type Action, implied } from "./actions";

const text = words.roles.creation;
const LONGEST = 300;

export interface Terms {
  description: string;
  actions: readonly Action[];
}

interface Properties {
  value: Terms;
  onChange: (value: Terms) => void;
}

/** Asks what a role is for, and what it allows. */
export function RoleFields({ value, onChange }: Properties) {
  const following = implied(value.actions);
  // What is ticked because it follows goes again with what it follows from.
  const choose = (ticked: string[]) => {
    const isChosen = (action: Action) =>
      ticked.includes(action) && (value.actions.includes(action) || !following.includes(action));
    onChange({ ...value, actions: ACTIONS.filter(isChosen) });
  };
  return (
    <>
      <TextInput
        label={text.description}
        description={text.descriptionRule}
        value={value.description}
        onChange={(event) => onChange({ ...value, description: event.currentTarget.value })}
        maxLength={LONGEST}
        autoComplete="off"
      />
      <Checkbox.Group
        label={text.actions}
        description={text.actionsRule}
        value={[...new Set([...value.actions, ...following])]}
        onChange={choose}
      >
        <Stack gap="xs" mt="xs">
          {ACTIONS.map((action) => (
            <Checkbox
              key={action}
              value={action}
              label={words.roles.actions[action].label}
              description={words.roles.actions[action].description}
              disabled={following.includes(action)}
            />
          ))}
        </Stack>
      </Checkbox.Group>
    </>
  );
}
