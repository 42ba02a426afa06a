// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Confirm } from "@/ui";
import { words } from "@/words";
import { type Guardrail, useSetMode } from "./queries";

/** Turns a guardrail that simulates into one that refuses, and back. */
export function SetMode({ guardrail: { name, mode } }: { guardrail: Guardrail }) {
  const [isOpen, { open, close }] = useDisclosure();
  const setMode = useSetMode(name);
  const wanted = mode === "enforce" ? "simulate" : "enforce";
  const text = words.guardrails[wanted];
  return (
    <>
      <Button size="compact-sm" variant="subtle" onClick={open} aria-label={text.label(name)}>
        {text.act}
      </Button>
      <Confirm
        title={text.title(name)}
        text={text.text}
        act={text.act}
        isOpen={isOpen}
        onClose={close}
        run={() => setMode(wanted)}
      />
    </>
  );
}
