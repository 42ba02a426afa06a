// SPDX-License-Identifier: Apache-2.0
import { IconServerCog } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const system: ConsoleFeature = {
  name: "system",
  pages: [{ path: "/system", load: () => import("./SystemPage"), audience: "read-system" }],
  navigation: [
    {
      to: "/system",
      label: words.system.navigation,
      icon: IconServerCog,
      group: "administration",
      order: 90,
      audience: "read-system",
    },
  ],
};
