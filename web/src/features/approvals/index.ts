// SPDX-License-Identifier: Apache-2.0
import { IconUsers } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const approvals: ConsoleFeature = {
  name: "approvals",
  pages: [{ path: "/approvals", load: () => import("./ApprovalsPage") }],
  navigation: [
    { to: "/approvals", label: words.approvals.title, icon: IconUsers, group: "account", order: 50 },
  ],
};
