// SPDX-License-Identifier: Apache-2.0
import { IconRecycle } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const garbage: ConsoleFeature = {
  name: "garbage",
  pages: [{ path: "/garbage", load: () => import("./GarbagePage"), audience: "read-system" }],
  navigation: [
    {
      to: "/garbage",
      label: words.shell.garbage,
      icon: IconRecycle,
      group: "administration",
      order: 75,
      audience: "read-system",
    },
  ],
};
