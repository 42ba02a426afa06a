// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

const tab = { id: "webhooks", label: words.shell.webhooks };

export const webhooks: ConsoleFeature = {
  name: "webhooks",
  projectTabs: [
    { ...tab, load: () => import("./ProjectTab"), order: 79, isFor: ({ may }) => may.includes("admin") },
  ],
  systemTabs: [{ ...tab, load: () => import("./RegistryTab"), order: 19 }],
};
