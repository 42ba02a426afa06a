// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const secondFactors: ConsoleFeature = {
  name: "second_factors",
  profileTabs: [
    {
      id: "second-factors",
      label: words.secondFactors.tab,
      load: () => import("./SecondFactorsTab"),
      order: 20,
    },
  ],
};
