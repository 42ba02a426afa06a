// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const notifications: ConsoleFeature = {
  name: "notifications",
  profileTabs: [
    {
      id: "notifications",
      label: words.shell.notifications,
      load: () => import("./NotificationsTab"),
      order: 4,
    },
  ],
};
