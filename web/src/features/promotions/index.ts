// SPDX-License-Identifier: Apache-2.0
import { IconListCheck } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

const label = words.shell.promotions;
const tab = { id: "promotions", label, order: 86 };

export const promotions: ConsoleFeature = {
  name: "promotions",
  pages: [{ path: "/promotions", load: () => import("./PromotionsPage") }],
  navigation: [{ to: "/promotions", label, icon: IconListCheck, group: "account", order: 45 }],
  artifactTabs: [{ ...tab, load: () => import("./ArtifactTab") }],
};
