// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const usage: ConsoleFeature = {
  name: "usage",
  projectTabs: [
    { id: "usage", label: words.shell.usage, load: () => import("./ProjectUsageTab"), order: 60 },
  ],
  repositoryTabs: [
    { id: "usage", label: words.shell.usage, load: () => import("./RepositoryUsageTab"), order: 60 },
  ],
};
