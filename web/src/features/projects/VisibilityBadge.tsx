// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { IconLock, IconWorld } from "@tabler/icons-react";
import { words } from "@/words";
import type { Visibility } from "./queries";

export function VisibilityBadge({ of: visibility }: { of: Visibility }) {
  const isPublic = visibility === "public";
  const Icon = isPublic ? IconWorld : IconLock;
  return (
    <Badge
      variant="default"
      tt="none"
      fw={500}
      miw="max-content"
      leftSection={<Icon size={12} aria-hidden />}
      title={words.projects.visibilities[visibility].description}
    >
      {words.projects.visibilities[visibility].label}
    </Badge>
  );
}
