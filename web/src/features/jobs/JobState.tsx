// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { words } from "@/words";
import type { Job } from "./queries";

const COLORS = { queued: "gray", running: "blue", succeeded: "teal", dead: "red", cancelled: "orange" };

export function JobState({ job }: { job: Job }) {
  return (
    <Badge variant="dot" color={COLORS[job.state]} tt="none" miw="max-content">
      {job.is_cancelling ? words.jobs.cancelling : words.jobs.states[job.state]}
    </Badge>
  );
}
