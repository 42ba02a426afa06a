// SPDX-License-Identifier: Apache-2.0
import { IconFolders } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const projects: ConsoleFeature = {
  name: "projects",
  pages: [
    { path: "/projects", load: () => import("./ProjectsPage") },
    { path: "/projects/$project", load: () => import("./ProjectPage") },
  ],
  navigation: [
    { to: "/projects", label: words.projects.title, icon: IconFolders, group: "registry", order: 20 },
  ],
  projectTabs: [
    {
      id: "repositories",
      label: words.projects.repositories,
      load: () => import("./RepositoriesTab"),
      order: 10,
    },
    {
      id: "settings",
      label: words.projects.settings,
      load: () => import("./SettingsTab"),
      order: 90,
      isFor: ({ may }) => may.includes("admin"),
    },
  ],
};
