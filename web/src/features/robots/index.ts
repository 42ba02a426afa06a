// SPDX-License-Identifier: Apache-2.0
import { IconRobot } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const robots: ConsoleFeature = {
  name: "robots",
  pages: [
    { path: "/robots", load: () => import("./RobotsPage") },
    { path: "/robots/$robot", load: () => import("./RobotPage") },
  ],
  navigation: [{ to: "/robots", label: words.robots.title, icon: IconRobot, group: "registry", order: 50 }],
  projectTabs: [
    {
      id: "robots",
      label: words.robots.title,
      load: () => import("./RobotsTab"),
      order: 30,
      isFor: ({ may }) => may.includes("admin"),
    },
  ],
};
