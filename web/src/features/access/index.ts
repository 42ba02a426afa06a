// SPDX-License-Identifier: Apache-2.0
import { IconZoomCheck } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const access: ConsoleFeature = {
  name: "access",
  pages: [{ path: "/access", load: () => import("./AccessPage") }],
  navigation: [
    { to: "/access", label: words.access.title, icon: IconZoomCheck, group: "account", order: 40 },
  ],
  repositoryTabs: [
    { id: "access", label: words.access.tab.label, load: () => import("./RepositoryTab"), order: 80 },
  ],
};
