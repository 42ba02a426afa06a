// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const naming: ConsoleFeature = {
  name: "naming",
  projectTabs: [
    {
      id: "naming",
      label: words.shell.naming,
      load: () => import("./ProjectTab"),
      order: 76,
      isFor: ({ may }) => may.includes("manage-policy"),
    },
  ],
  systemTabs: [{ id: "naming", label: words.shell.naming, load: () => import("./RegistryTab"), order: 17 }],
};
