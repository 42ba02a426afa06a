// SPDX-License-Identifier: Apache-2.0
import { Box, Code, Text } from "@mantine/core";
import { words } from "@/words";
import type { Guardrail } from "./queries";

/** The name of a guardrail, what it is about, and why it is there; on a phone its pattern too. */
export function Described({ guardrail }: { guardrail: Guardrail }) {
  return (
    <Box style={{ overflowWrap: "anywhere" }}>
      <Text size="sm" fw={500}>
        {guardrail.name}
      </Text>
      <Code hiddenFrom="sm">{guardrail.path_pattern}</Code>
      <Text size="xs" c="dimmed">
        {[words.guardrails.kinds[guardrail.kind], guardrail.reason].filter(Boolean).join(" · ")}
      </Text>
    </Box>
  );
}
