// SPDX-License-Identifier: Apache-2.0
import { IconActivity } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const events: ConsoleFeature = {
  name: "events",
  pages: [{ path: "/events", load: () => import("./EventsPage") }],
  navigation: [
    { to: "/events", label: words.events.navigation, icon: IconActivity, group: "registry", order: 40 },
  ],
};
