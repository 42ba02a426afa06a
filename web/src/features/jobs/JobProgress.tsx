// SPDX-License-Identifier: Apache-2.0
import { Progress, Stack, Text } from "@mantine/core";
import { formatNumber } from "@/ui";
import { words } from "@/words";
import type { Job } from "./queries";

const text = words.jobs;

/** How far a job is, as it said itself. */
export function JobProgress({ progress }: { progress: NonNullable<Job["progress"]> }) {
  const { done, total, note } = progress;
  const told = total === null ? formatNumber(done) : text.progress(formatNumber(done), formatNumber(total));
  return (
    <Stack gap={2} miw={120}>
      {!!total && <Progress value={(100 * done) / total} size="sm" aria-label={told} />}
      <Text size="xs">{[!note || done > 0 ? told : "", note].filter(Boolean).join(", ")}</Text>
    </Stack>
  );
}
