// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { Dialog, Secret } from "@/ui";
import { words } from "@/words";

const text = words.secondFactors;

/** Shows recovery codes, this once. Nothing but the button closes it, so that they are not lost by a stray click. */
export function RecoveryCodes({ codes, onDone }: { codes: readonly string[]; onDone: () => void }) {
  return (
    <Dialog title={text.codesTitle} isOpen={codes.length > 0} isHeld onClose={onDone}>
      <Stack>
        <Text>{text.codesText}</Text>
        <Secret value={codes.join("\n")} what={text.codes} onDone={onDone} />
      </Stack>
    </Dialog>
  );
}
