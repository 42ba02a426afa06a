// SPDX-License-Identifier: Apache-2.0
import { IconShieldCheck } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const grants: ConsoleFeature = {
  name: "grants",
  pages: [{ path: "/grants", load: () => import("./GrantsPage") }],
  navigation: [
    {
      to: "/grants",
      label: words.grants.title,
      icon: IconShieldCheck,
      group: "administration",
      order: 20,
      audience: "read-accounts",
    },
  ],
  projectTabs: [
    {
      id: "members",
      label: words.grants.members,
      load: () => import("./MembersTab"),
      order: 20,
      isFor: ({ may }) => may.includes("manage-members"),
    },
  ],
};
