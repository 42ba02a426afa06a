// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const modes: ConsoleFeature = {
  name: "modes",
  projectTabs: [
    {
      id: "mode",
      label: words.modes.tab,
      load: () => import("./ProjectModeTab"),
      order: 80,
      isFor: ({ may }) => may.includes("manage-policy"),
    },
  ],
  systemTabs: [{ id: "mode", label: words.modes.tab, load: () => import("./RegistryModeTab"), order: 15 }],
};
