// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const inUse: ConsoleFeature = {
  name: "in_use",
  artifactMarks: [() => import("./Mark")],
  systemTabs: [{ id: "in-use", label: words.shell.inUse, load: () => import("./ClustersTab"), order: 19 }],
};
