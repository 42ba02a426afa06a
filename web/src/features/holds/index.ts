// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

const tab = { id: "holds", label: words.shell.holds };

export const holds: ConsoleFeature = {
  name: "holds",
  artifactMarks: [() => import("./Mark")],
  artifactTabs: [{ ...tab, load: () => import("./ArtifactTab"), order: 80 }],
  repositoryTabs: [{ ...tab, load: () => import("./RepositoryTab"), order: 70 }],
  projectTabs: [{ ...tab, load: () => import("./ProjectTab"), order: 77 }],
  systemTabs: [{ ...tab, load: () => import("./RegistryTab"), order: 18 }],
};
