// SPDX-License-Identifier: Apache-2.0
/** Said on the tabs about immutable tags only: loaded with them, and no part of `words`. */

import { counted } from "@/words";

export const immutability = {
  title: "Immutable tags",
  aboutProject:
    "What happens to tags of this project. The first rule that is about a tag decides; those of the registry count where none of these is.",
  aboutRegistry:
    "What happens to tags wherever no rule of the project is about them. Binding rules come before those of projects.",
  empty: "There are no rules",
  emptyHint: "Tags are set, moved and deleted freely.",
  add: "Add a rule",
  numbered: (number: number, effect: string) => `Rule ${number}: ${effect}`,
  where: (tags: string, repositories: string) => `${tags} in ${repositories}`,
  until: "until",
  binding: "binding",
  effects: {
    immutable: { label: "Immutable", description: "Once set, a tag is neither moved nor deleted." },
    "append-only": {
      label: "Versions are only added",
      description: "The same, and only versions such as 1.2.3 are set.",
    },
    forward: {
      label: "Forward only",
      description: "A tag moves to newer versions only, and is not deleted: for 1.4, 1 and latest.",
    },
    mutable: {
      label: "Mutable",
      description: "Set, moved and deleted freely: an exception from the rules behind it.",
    },
  },
  actionsFor: (number: number) => `Actions for rule ${number}`,
  change: "Change…",
  up: "Earlier",
  down: "Later",
  notMoved: "The rule stays where it is",
  remove: {
    item: "Remove…",
    title: (number: number) => `Remove rule ${number}?`,
    text: "What it keeps is free at once, where no other rule keeps it.",
    act: "Remove rule",
  },
  form: {
    add: "Add a rule",
    change: (number: number) => `Change rule ${number}`,
    act: "Save rule",
    repositories: "Repositories",
    repositoriesRule: "Such as team/app, team/*, or team/** for a project and all that is in it.",
    tags: "Tags",
    tagsRule: "Such as latest, v*, or * for all of them.",
    effect: "What happens to them",
    until: "Until",
    untilRule: "Optional: the day on which it ends by itself, at midnight UTC.",
    description: "What for",
    descriptionRule: "Optional, in one line.",
    binding: "Binding: comes before the rules of projects",
  },
  preview: {
    title: "Tags that are there",
    none: "No tag that is there matches.",
    more: (count: number) =>
      `More than ${counted(count, { one: "tag", other: "tags" })} match. The first of them:`,
    some: (count: number) => `${counted(count, { one: "tag matches", other: "tags match" })}:`,
    now: (effect: string, number: number) => `now ${effect}, by rule ${number}`,
    free: "now free",
  },
  tag: {
    title: "What may happen to this tag",
    rule: "Decided by",
    ruleOf: (number: number, project: string | null) =>
      project ? `rule ${number} of the project ${project}:` : `rule ${number} of the registry:`,
    move: "Moving it",
    delete: "Deleting it",
    rulings: {
      free: "allowed",
      kept: "refused",
      "no-version": "refused: it is no version",
      "forward-only": "only to something newer",
    },
    override: {
      title: "Override",
      isOpen: "in force",
      reason: "Reason",
      reasonRule: "In one line; it is recorded, and shown here.",
      ends: "Ends",
      by: "Given by",
      give: "Override the rule…",
      giveTitle: (tag: string) => `Override the rule about ${tag}`,
      about:
        "For a while, whoever has the right to may move and delete this tag although a rule keeps it, docker and other clients too.",
      length: "For",
      lengths: { 15: "15 minutes", 60: "1 hour", 240: "4 hours", 1439: "a day" },
      act: "Override the rule",
      take: "Take it back",
      takeTitle: (tag: string) => `Let the rules count again for ${tag}?`,
      takeText: "From then on the tag is kept as the rules say.",
    },
  },
};
