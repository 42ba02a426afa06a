// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const labels: ConsoleFeature = {
  name: "labels",
  artifactTabs: [{ id: "labels", label: words.shell.labels, load: () => import("./LabelsTab"), order: 15 }],
};
