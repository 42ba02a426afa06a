// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { garbage } from "@/words/garbage";
import type { Run } from "./queries";

const COLORS = { running: "blue", done: "teal", stopped: "orange", failed: "red" };

/** Whether a run goes on, and how it ended. */
export function RunState({ run: { state } }: { run: Run }) {
  return (
    <Badge variant="dot" color={COLORS[state]} tt="none" miw="max-content">
      {garbage.runs.states[state]}
    </Badge>
  );
}
