// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const sessions: ConsoleFeature = {
  name: "sessions",
  pages: [
    { path: "/login", load: () => import("./LoginPage"), audience: "anyone" },
    { path: "/profile", load: () => import("./ProfilePage") },
  ],
  profileTabs: [
    { id: "sessions", label: words.sessions.list.tab, load: () => import("./SessionsTab"), order: 10 },
  ],
};
