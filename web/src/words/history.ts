// SPDX-License-Identifier: Apache-2.0
export const history = {
  tab: "History",
  list: (tag: string) => `Changes of the tag ${tag}, newest first`,
  created: "Set to",
  moved: "Moved to",
  deleted: "Deleted",
  from: "from",
  now: "Now",
  by: "by",
  causes: {
    retention: "by a retention rule",
    quota: "because of a quota",
    replication: "by replication",
    adoption: "by adopting another registry's tree",
    collector: "by the garbage collector",
  } as Record<string, string>,
  restore: "Point the tag here again",
  restoreTitle: (tag: string) => `Move ${tag} back?`,
  restoreText: (tag: string, short: string) =>
    `The tag ${tag} will point at ${short} again. Whoever pulls it gets that from then on.`,
  restoreFrom: (short: string) =>
    `What it points at now, ${short}, stays in the repository and in this history.`,
  restoreDeleted: "That artifact was deleted and comes back, with what referred to it.",
  restoreUndo: "This is one more change of the tag, and can be taken back in the same way.",
  restoreAct: "Move the tag",
  restorableUntil: (moment: string) => `The artifact was deleted. It can be restored until ${moment}.`,
  more: "Show older changes",
  none: (tag: string) => `There never was a tag ${tag}`,
  noneHint: "Tags have a history from the first push on. Check the name.",
};
