// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const immutability: ConsoleFeature = {
  name: "immutability",
  artifactTabs: [
    {
      id: "immutability",
      label: words.shell.mutability,
      load: () => import("./TagTab"),
      order: 45,
      isFor: ({ tag }) => tag !== undefined,
    },
  ],
  projectTabs: [
    {
      id: "immutability",
      label: words.shell.immutability,
      load: () => import("./ProjectTab"),
      order: 75,
      isFor: ({ may }) => may.includes("manage-policy"),
    },
  ],
  systemTabs: [
    {
      id: "immutability",
      label: words.shell.immutability,
      load: () => import("./RegistryTab"),
      order: 16,
    },
  ],
};
