// SPDX-License-Identifier: Apache-2.0
import { IconRocket } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const guide: ConsoleFeature = {
  name: "guide",
  pages: [{ path: "/guide", load: () => import("./GuidePage") }],
  navigation: [
    { to: "/guide", label: words.guide.navigation, icon: IconRocket, group: "registry", order: 90 },
  ],
};
