// SPDX-License-Identifier: Apache-2.0
import { IconListCheck } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const jobs: ConsoleFeature = {
  name: "jobs",
  pages: [{ path: "/jobs", load: () => import("./JobsPage"), audience: "read-system" }],
  navigation: [
    {
      to: "/jobs",
      label: words.jobs.navigation,
      icon: IconListCheck,
      group: "administration",
      order: 80,
      audience: "read-system",
    },
  ],
};
