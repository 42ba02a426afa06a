// SPDX-License-Identifier: Apache-2.0
/** Said about deleted artifacts and how long they stay: loaded with them, and no part of `words`. */

import { counted } from "@/words";

export const bin = {
  actionsFor: (short: string) => `Actions for ${short}`,
  held: { legal: "Legal hold", user: "On hold" },
  purge: {
    item: "Delete for good…",
    title: (short: string) => `Delete ${short} for good?`,
    text: "Its bytes are deleted at once, but for what other artifacts need. It cannot be restored, and a backup of before lacks them.",
    act: "Delete for good",
    done: (short: string, freed: string) => `${short} is gone; ${freed} were freed`,
  },
  window: {
    title: "Deleted artifacts",
    days: (days: number) =>
      `What is deleted in this project can be restored for ${counted(days, { one: "day", other: "days" })}.`,
    configured:
      "What is deleted in this project can be restored for as long as the registry is configured to keep it.",
    button: "Change…",
    dialog: "How long can deleted artifacts be restored?",
    field: "Days",
    rule: "1 to 90, of what is deleted from now on; empty for as many as the registry is configured to.",
    act: "Save",
  },
};
