// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const tokens: ConsoleFeature = {
  name: "tokens",
  profileTabs: [{ id: "tokens", label: words.tokens.tab, load: () => import("./TokensTab"), order: 5 }],
};
