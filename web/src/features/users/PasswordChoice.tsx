// SPDX-License-Identifier: Apache-2.0
import { PasswordInput, Radio, Stack } from "@mantine/core";
import { words } from "@/words";
import { SHORTEST_PASSWORD } from "./names";

const text = words.users.password;

export interface Password {
  isMadeUp: boolean;
  chosen: string;
}

export const MADE_UP: Password = { isMadeUp: true, chosen: "" };

/** Whether it can be sent. */
export function isAcceptable(password: Password): boolean {
  return password.isMadeUp || password.chosen.length >= SHORTEST_PASSWORD;
}

/** The same as the API asks for it; it makes one up when it gets none. */
export function given(password: Password): string | undefined {
  return password.isMadeUp ? undefined : password.chosen;
}

/** Asks whether to make a password up, or for one. */
export function PasswordChoice({
  value,
  onChange,
}: {
  value: Password;
  onChange: (value: Password) => void;
}) {
  return (
    <Stack gap="xs">
      <Radio.Group
        label={text.label}
        value={value.isMadeUp ? "madeUp" : "chosen"}
        onChange={(choice) => onChange({ ...value, isMadeUp: choice === "madeUp" })}
      >
        <Stack gap="xs" mt="xs">
          <Radio value="madeUp" label={text.choices.madeUp} />
          <Radio value="chosen" label={text.choices.chosen} />
        </Stack>
      </Radio.Group>
      {!value.isMadeUp && (
        <PasswordInput
          label={text.own}
          description={text.rule}
          error={value.chosen && !isAcceptable(value) ? text.tooShort : undefined}
          value={value.chosen}
          onChange={(event) => onChange({ ...value, chosen: event.currentTarget.value })}
          autoComplete="new-password"
          required
        />
      )}
    </Stack>
  );
}
