// SPDX-License-Identifier: Apache-2.0
/** Said on the tabs about naming only: loaded with them, and no part of `words`. */
export const naming = {
  title: "Naming",
  aboutProject:
    "What new repositories and tags of this project are called, and what is pushed. All rules that are about a repository count, those of the registry too.",
  aboutRegistry:
    "What new repositories and tags are called, and what is pushed, in every project that a rule is about.",
  empty: "There are no rules",
  emptyHint: "Anything is pushed, under any name. This adds a rule:",
  command: "the command",
  commandFor: (project: string) =>
    project
      ? `entrepot naming add '${project}/**' --tag 'v*' --project ${project}`
      : "entrepot naming add '**' --tag 'v*'",
  rule: (number: number) => `Rule ${number}`,
  about: "about",
  names: "New repositories",
  tags: "New tags",
  types: "Types",
  or: " or ",
  remove: {
    act: "Remove",
    label: (number: number) => `Remove rule ${number}`,
    title: (number: number) => `Remove rule ${number}?`,
    text: "What it does not allow may be pushed from then on.",
  },
};
