// SPDX-License-Identifier: Apache-2.0
import { IconLicense } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const roles: ConsoleFeature = {
  name: "roles",
  pages: [{ path: "/roles", load: () => import("./RolesPage") }],
  navigation: [
    {
      to: "/roles",
      label: words.roles.title,
      icon: IconLicense,
      group: "administration",
      order: 25,
      audience: "read-accounts",
    },
  ],
};
