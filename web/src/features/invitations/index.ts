// SPDX-License-Identifier: Apache-2.0
import { IconMailPlus } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const invitations: ConsoleFeature = {
  name: "invitations",
  pages: [
    { path: "/invitations", load: () => import("./InvitationsPage"), audience: "read-accounts" },
    { path: "/welcome", load: () => import("./WelcomePage"), audience: "anyone" },
  ],
  navigation: [
    {
      to: "/invitations",
      label: words.invitations.title,
      icon: IconMailPlus,
      group: "administration",
      order: 12,
      audience: "read-accounts",
    },
  ],
};
