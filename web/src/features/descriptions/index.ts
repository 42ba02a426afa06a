// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const descriptions: ConsoleFeature = {
  name: "descriptions",
  repositoryTabs: [
    { id: "description", label: words.shell.description, load: () => import("./RepositoryTab"), order: 15 },
  ],
  projectTabs: [
    { id: "description", label: words.shell.description, load: () => import("./ProjectTab"), order: 15 },
  ],
};
