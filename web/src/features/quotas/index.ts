// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const quotas: ConsoleFeature = {
  name: "quotas",
  projectTabs: [{ id: "quota", label: words.shell.quota, load: () => import("./ProjectTab"), order: 65 }],
  systemTabs: [{ id: "quotas", label: words.shell.quotas, load: () => import("./RegistryTab"), order: 15 }],
};
