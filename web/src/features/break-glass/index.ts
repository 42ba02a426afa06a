// SPDX-License-Identifier: Apache-2.0
import { IconUrgent } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const breakGlass: ConsoleFeature = {
  name: "break_glass",
  pages: [{ path: "/break-glass", load: () => import("./BreakGlassPage") }],
  navigation: [
    {
      to: "/break-glass",
      label: words.breakGlass.title,
      icon: IconUrgent,
      group: "account",
      order: 40,
    },
  ],
};
