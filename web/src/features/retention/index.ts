// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

const tab = { id: "retention", label: words.shell.retention };

export const retention: ConsoleFeature = {
  name: "retention",
  artifactMarks: [() => import("./Mark")],
  repositoryTabs: [{ ...tab, load: () => import("./RepositoryTab"), order: 60 }],
  projectTabs: [
    {
      ...tab,
      load: () => import("./ProjectTab"),
      order: 74,
      isFor: ({ may }) => may.includes("manage-policy"),
    },
  ],
  systemTabs: [{ ...tab, load: () => import("./RegistryTab"), order: 15 }],
};
