// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { IconLock, IconUserCheck, IconWorld } from "@tabler/icons-react";
import { words } from "@/words";
import type { Visibility } from "./queries";

export const VISIBILITY_ICONS: Record<Visibility, typeof IconLock> = {
  private: IconLock,
  internal: IconUserCheck,
  public: IconWorld,
};

export function VisibilityBadge({ of: visibility }: { of: Visibility }) {
  const Icon = VISIBILITY_ICONS[visibility];
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
