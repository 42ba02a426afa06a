// SPDX-License-Identifier: Apache-2.0
/** Said about copies only: loaded with them, and no part of `words`. */

const counted = (count: number) => (count === 1 ? "1 manifest" : `${count} manifests`);

export const copies = {
  about:
    "Copies from and into this repository, of the last 90 days, as far as you may see the other end. Everything that belongs to an artifact comes along.",
  list: "Copies",
  none: "There are no copies",
  noneHint: "Copy an artifact into another repository from its page: no byte moves, and the digest stays.",
  columns: { what: "What", where: "Where", state: "State", by: "Asked for by" },
  states: { running: "Under way", done: "Done", failed: "Failed", cancelled: "Cancelled" },
  to: "to",
  from: "from",
  more: (count: number) => `and ${count} more`,
  brought: (manifests: number, late: number) =>
    late > 0 ? `${counted(manifests)}, ${late} of them later. ` : `${counted(manifests)}. `,
  followed: "What is said later follows; that ends",
  cancel: "Cancel",
  unfollow: "Stop following",
  start: "Copy to another repository",
  starting: {
    title: "Copy this artifact",
    target: "Repository",
    targetRule: "Where to, such as prod/app. What a push there takes, this takes too.",
    tags: "Tags",
    tagsRule: "What points at it there, separated by spaces. Without any it has only its digest.",
    withReferrers: "With what refers to it",
    withReferrersRule: "Signatures, attestations, bills of materials, and what refers to those.",
    follow: "Hours in which what is said later follows",
    followRule: "0 for not at all.",
    preview: "What would come",
    would: (fresh: number, all: number, bytes: string) =>
      `${fresh} of ${counted(all)} ${fresh === 1 ? "is" : "are"} new, ${bytes} new for the project.`,
    act: "Copy",
  },
};
