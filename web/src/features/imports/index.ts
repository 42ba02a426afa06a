// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const imports: ConsoleFeature = {
  name: "imports",
  systemTabs: [{ id: "imports", label: words.shell.imports, load: () => import("./RegistryTab"), order: 21 }],
};
