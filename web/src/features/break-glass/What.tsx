// SPDX-License-Identifier: Apache-2.0
import { Group, Text } from "@mantine/core";
import { On, RoleName } from "@/ui";
import { counted, words } from "@/words";
import type { Eligibility } from "./queries";

type Properties = Pick<Eligibility, "role" | "path_pattern"> & Partial<Pick<Eligibility, "longest_minutes">>;

/** Which role on what, and for how long at most where that is told: in one place, for a phone. */
export function What({ role, path_pattern, longest_minutes }: Properties) {
  return (
    <Group gap={6} style={{ overflowWrap: "anywhere" }}>
      <RoleName role={role} />
      <On pattern={path_pattern} />
      {longest_minutes && (
        <Text size="xs" c="dimmed">
          {words.breakGlass.atMost(counted(longest_minutes, words.breakGlass.minutes))}
        </Text>
      )}
    </Group>
  );
}
