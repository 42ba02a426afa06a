// SPDX-License-Identifier: Apache-2.0
import { IconUsersGroup } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const groups: ConsoleFeature = {
  name: "groups",
  pages: [
    { path: "/groups", load: () => import("./GroupsPage"), audience: "read-accounts" },
    { path: "/groups/$group", load: () => import("./GroupPage"), audience: "read-accounts" },
  ],
  navigation: [
    {
      to: "/groups",
      label: words.groups.title,
      icon: IconUsersGroup,
      group: "administration",
      order: 15,
      audience: "read-accounts",
    },
  ],
};
