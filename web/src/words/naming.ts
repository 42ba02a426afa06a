// SPDX-License-Identifier: Apache-2.0
/** Said on the tabs about naming only: loaded with them, and no part of `words`. */

import { counted } from "@/words";

export const naming = {
  title: "Naming",
  aboutProject:
    "What new repositories and tags of this project are called, and what is pushed. All rules that are about a repository count, those of the registry too.",
  aboutRegistry:
    "What new repositories and tags are called, and what is pushed, in every project that a rule is about.",
  empty: "There are no rules",
  emptyHint: "Anything is pushed, under any name.",
  add: "Add a rule",
  rule: (number: number) => `Rule ${number}`,
  about: "about",
  names: "New repositories",
  tags: "New tags",
  types: "Types",
  or: " or ",
  actionsFor: (number: number) => `Actions for rule ${number}`,
  change: "Change…",
  remove: {
    item: "Remove…",
    act: "Remove rule",
    title: (number: number) => `Remove rule ${number}?`,
    text: "What it does not allow may be pushed from then on.",
  },
  form: {
    add: "Add a rule",
    change: (number: number) => `Change rule ${number}`,
    act: "Save rule",
    repositories: {
      label: "Repositories",
      description: "What it is about: team/app, team/*, or team/** for a project and all that is in it.",
    },
    tags: {
      label: "New tags",
      description: "Optional: one of these, such as v* or main, with spaces between them.",
    },
    names: {
      label: "New repositories",
      description: "Optional: one of these, such as team/*-svc, with spaces between them.",
    },
    types: {
      label: "Types",
      description: "Optional: what may be pushed. What is attached to something always may.",
    },
    description: { label: "What for", description: "Optional, in one line." },
  },
  preview: {
    title: "What is there and would be refused if it were new",
    none: "All that is there is as the rule wants it.",
    some: "It stays as it is; whoever pushes such a name anew is refused:",
    more: (count: number) =>
      `It stays as it is; whoever pushes such a name anew is refused. The first ${count}:`,
    faults: { repository: "the name of the repository", tag: "the name of the tag" },
    type: (type: string) => `of the type ${type}`,
  },
  explain: {
    title: "Try a name",
    name: "Repository or tag",
    nameRule: "It need not be there.",
    example: (project: string) => `${project || "team"}/app:1.0`,
    act: "Explain",
    isAllowed: "It may be called so.",
    isThere: "It is there already, and is not asked about.",
    counting: (count: number) =>
      `${counted(count, { one: "rule is", other: "rules are" })} about this repository.`,
    anyType: "Artifacts of every type may be pushed there.",
    types: (types: string) => `Only these types may be pushed there: ${types}.`,
  },
};
