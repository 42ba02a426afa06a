// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { Secret } from "@/ui";
import { words } from "@/words";

const text = words.users.made;

/** A password that was made up, this once. */
export function PasswordShown({ password, onDone }: { password: string; onDone: () => void }) {
  return (
    <Secret value={password} what={text.password} onDone={onDone}>
      <Text size="sm">{text.hint}</Text>
    </Secret>
  );
}
