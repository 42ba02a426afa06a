// SPDX-License-Identifier: Apache-2.0
import { IconUsers } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const users: ConsoleFeature = {
  name: "users",
  pages: [{ path: "/users", load: () => import("./UsersPage"), audience: "read-accounts" }],
  navigation: [
    {
      to: "/users",
      label: words.users.title,
      icon: IconUsers,
      group: "administration",
      order: 10,
      audience: "read-accounts",
    },
  ],
  profileTabs: [
    {
      id: "password",
      label: words.users.ownPassword.tab,
      load: () => import("./PasswordTab"),
      order: 20,
    },
  ],
};
