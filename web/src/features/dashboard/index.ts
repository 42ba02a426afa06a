// SPDX-License-Identifier: Apache-2.0
import { IconLayoutDashboard } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const dashboard: ConsoleFeature = {
  name: "dashboard",
  pages: [{ path: "/", load: () => import("./DashboardPage") }],
  navigation: [
    {
      to: "/",
      label: words.dashboard.navigation,
      icon: IconLayoutDashboard,
      group: "registry",
      order: 10,
    },
  ],
};
