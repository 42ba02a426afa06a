// SPDX-License-Identifier: Apache-2.0
import { Badge, Group, Text } from "@mantine/core";
import { Moment } from "@/ui";
import { backup } from "@/words/backup";
import type { Backup } from "./queries";

const text = backup.drills;

/** Whether the last try to restore a backup worked, and when that was. */
export function Drill({ drill }: { drill: Backup["drill"] }) {
  if (!drill)
    return (
      <Text span inherit c="dimmed">
        {text.none}
      </Text>
    );
  return (
    <Group gap={6} wrap="nowrap">
      <Badge variant="dot" color={drill.is_good ? "teal" : "red"} tt="none" miw="max-content">
        {drill.is_good ? text.good : text.bad}
      </Badge>
      <Moment at={drill.at} />
    </Group>
  );
}
