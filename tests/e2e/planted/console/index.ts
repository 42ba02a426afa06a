// SPDX-License-Identifier: Apache-2.0
import { IconPlant } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";

export const planted: ConsoleFeature = {
  name: "planted",
  pages: [{ path: "/planted", load: () => import("./PlantedPage") }],
  navigation: [{ to: "/planted", label: "Planted", icon: IconPlant, group: "registry", order: 95 }],
  artifactTabs: [{ id: "planted", label: "Planted tab", load: () => import("./PlantedTab"), order: 95 }],
};
