// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const history: ConsoleFeature = {
  name: "history",
  artifactTabs: [
    {
      id: "history",
      label: words.history.tab,
      load: () => import("./HistoryTab"),
      order: 70,
      isFor: (subject) => subject.tag !== undefined,
    },
  ],
};
