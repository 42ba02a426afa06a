// SPDX-License-Identifier: Apache-2.0
import { IconClipboardList } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const audit: ConsoleFeature = {
  name: "audit",
  pages: [{ path: "/audit", load: () => import("./AuditPage"), audience: "read-audit" }],
  navigation: [
    {
      to: "/audit",
      label: words.shell.audit,
      icon: IconClipboardList,
      group: "administration",
      order: 70,
      audience: "read-audit",
    },
  ],
};
