// SPDX-License-Identifier: Apache-2.0
import { IconShieldLock } from "@tabler/icons-react";
import type { ConsoleFeature } from "@/shell/feature";
import { words } from "@/words";

export const guardrails: ConsoleFeature = {
  name: "guardrails",
  pages: [{ path: "/guardrails", load: () => import("./GuardrailsPage"), audience: "read-accounts" }],
  navigation: [
    {
      to: "/guardrails",
      label: words.guardrails.title,
      icon: IconShieldLock,
      group: "administration",
      order: 27,
      audience: "read-accounts",
    },
  ],
  projectTabs: [
    {
      id: "guardrails",
      label: words.guardrails.title,
      load: () => import("./ProjectTab"),
      order: 80,
      isFor: ({ may }) => may.includes("admin"),
    },
  ],
};
