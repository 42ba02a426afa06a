// SPDX-License-Identifier: Apache-2.0
import { IconTemplate } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const templates: ConsoleFeature = {
  name: "templates",
  pages: [{ path: "/templates", load: () => import("./TemplatesPage"), audience: "read-accounts" }],
  navigation: [
    {
      to: "/templates",
      label: words.templates.title,
      icon: IconTemplate,
      group: "administration",
      order: 28,
      audience: "read-accounts",
    },
  ],
  projectTabs: [
    {
      id: "templates",
      label: words.templates.title,
      load: () => import("./ProjectTab"),
      order: 85,
      isFor: ({ may }) => may.includes("admin"),
    },
  ],
};
