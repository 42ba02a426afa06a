// SPDX-License-Identifier: Apache-2.0
import { NavLink, ScrollArea, Stack, Text } from "@mantine/core";
import { Link, useLocation } from "@tanstack/react-router";
import { words } from "@/words";
import type { NavigationEntry } from "./feature";
import { isAmong, useFeatures } from "./mounted";
import { useViewer } from "./session";

const GROUPS = ["registry", "administration", "account"] as const;

/** The entries of the features that are shown, those of the viewer only. */
export function Navigation() {
  const viewer = useViewer();
  const { pathname } = useLocation();
  const entries = useFeatures()
    .flatMap((feature) => feature.navigation ?? [])
    .filter((entry) => isAmong(entry.audience ?? "user", viewer))
    .sort((one, other) => one.order - other.order);
  return (
    <ScrollArea type="auto" flex={1}>
      <Stack gap="md">
        {GROUPS.map((group) => (
          <Group
            key={group}
            group={group}
            entries={entries.filter((entry) => entry.group === group)}
            at={pathname}
          />
        ))}
      </Stack>
    </ScrollArea>
  );
}

function Group({
  group,
  entries,
  at,
}: {
  group: (typeof GROUPS)[number];
  entries: NavigationEntry[];
  at: string;
}) {
  if (!entries.length) return null;
  return (
    <Stack gap={2}>
      <Text size="xs" fw={600} c="dimmed" px="sm" tt="uppercase">
        {words.shell.groups[group]}
      </Text>
      {entries.map((entry) => {
        const isActive = entry.to === "/" ? at === "/" : at === entry.to || at.startsWith(`${entry.to}/`);
        return (
          <NavLink
            key={entry.to}
            component={Link}
            to={entry.to}
            label={entry.label}
            leftSection={<entry.icon size={18} />}
            active={isActive}
            aria-current={isActive ? "page" : undefined}
          />
        );
      })}
    </Stack>
  );
}
