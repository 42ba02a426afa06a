// SPDX-License-Identifier: Apache-2.0
import { IconDatabaseExport } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const backup: ConsoleFeature = {
  name: "backup",
  pages: [{ path: "/backups", load: () => import("./BackupsPage"), audience: "read-system" }],
  navigation: [
    {
      to: "/backups",
      label: words.shell.backups,
      icon: IconDatabaseExport,
      group: "administration",
      order: 77,
      audience: "read-system",
    },
  ],
};
