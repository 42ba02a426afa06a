// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

const label = words.shell.notifications;

export const notifications: ConsoleFeature = {
  name: "notifications",
  systemTabs: [{ id: "notifications", label, load: () => import("./RegistryTab"), order: 22 }],
  profileTabs: [
    {
      id: "notifications",
      label,
      load: () => import("./NotificationsTab"),
      order: 4,
    },
  ],
};
