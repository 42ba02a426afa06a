// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

const tab = { id: "copies", label: words.shell.copies };

export const copies: ConsoleFeature = {
  name: "copies",
  artifactTabs: [{ ...tab, load: () => import("./ArtifactTab"), order: 85 }],
  repositoryTabs: [{ ...tab, load: () => import("./RepositoryTab"), order: 75 }],
};
