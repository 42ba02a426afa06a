// SPDX-License-Identifier: Apache-2.0
/** Said about holds only: loaded with them, and no part of `words`. */

export const holds = {
  kinds: {
    legal: { label: "Legal hold", description: "Evidence. Only who has the right to hold can release it." },
    user: { label: "Hold", description: "For at most a year. Whoever may delete here can release it." },
  },
  aboutArtifact:
    "What is under a hold is not deleted by anybody, nor is what belongs to it: platforms, signatures, bills of materials.",
  aboutRepository: "Holds in this repository, those too that ended within 30 days.",
  aboutProject:
    "Holds in repositories of this project that you may see, those too that ended within 30 days.",
  aboutRegistry: "Holds in all repositories that you may see, those too that ended within 30 days.",
  list: "Holds",
  free: "No hold keeps this artifact",
  freeHint: "Whoever may delete here can delete it, and it can be restored for some days.",
  none: "There are no holds",
  noneHint: "Place one on an artifact, or on a repository, so that nobody deletes it for a while.",
  columns: { what: "What", kind: "Kind", reason: "Reason", until: "Until", by: "Placed by" },
  whole: "Everything in the repository",
  this: "This artifact",
  above: "Kept with",
  without: "without an end",
  ends: "ends",
  by: "by",
  ended: "Ended",
  released: (why: string) => `Released: ${why}`,
  marks: { legal: "Under a legal hold", user: "On hold" },
  place: "Place a hold",
  placeAll: "Hold everything here",
  placing: {
    title: "Nobody shall delete this",
    titleAll: (repository: string) => `Nobody shall delete anything in ${repository}`,
    kind: "Kind",
    reason: "Reason",
    reasonRule: "Shown to whoever is refused, and recorded.",
    until: "Until",
    untilRule: "It ends at midnight UTC of that day.",
    untilLegal: "Leave it empty for a hold without an end.",
    act: "Place hold",
  },
  extend: "Extend…",
  extendOf: (reason: string) => `Extend the hold: ${reason}`,
  extending: { title: "Let the hold end later", act: "Extend hold" },
  release: "Release…",
  releaseOf: (reason: string) => `Release the hold: ${reason}`,
  releasing: {
    title: "Release this hold?",
    text: (reason: string) =>
      `“${reason}” keeps nothing from then on. It can be deleted at once, unless another hold keeps it.`,
    reason: "Why",
    act: "Release hold",
  },
};
