// SPDX-License-Identifier: Apache-2.0
export const groups = {
  title: "Groups",
  about: "What is granted to a group, everybody in it may do. Groups can be in groups.",
  filter: "Filter by name",
  columns: {
    name: "Name",
    description: "What for",
    provider: "Members from",
    created: "Created",
    by: "By",
  },
  local: "this registry",
  none: "There are no groups yet",
  noneHint: "Create one for each team, put people and robots into it, and give roles to the group.",
  noneMatches: "No group matches",
  noneMatchesHint: (filter: string) => `No group has “${filter}” in its name.`,
  create: "New group",
  creation: {
    title: "New group",
    name: "Name",
    nameRule: "Such as developers. It cannot be changed.",
    nameInvalid: "Up to 128 of a-z, 0-9, ‘.’, ‘_’ and ‘-’, beginning with a letter or a digit.",
    description: "What for",
    descriptionRule: "Optional, in one line.",
    act: "Create group",
  },
  actionsFor: (name: string) => `Actions for ${name}`,
  change: {
    item: "Change the description…",
    title: (name: string) => `Description of ${name}`,
    act: "Change",
  },
  remove: {
    item: "Delete…",
    title: (name: string) => `Delete the group ${name}?`,
    text: (name: string) =>
      `Every grant to ${name} goes with it, and it leaves the groups that it is in: who was in it loses what came by it within two seconds. Their accounts stay. This cannot be undone.`,
    act: "Delete group",
  },
  grants: "What it was granted",
  members: "Members",
  memberColumns: { who: "Who", since: "Since", by: "Put in by" },
  noMembers: "Nobody is in it yet",
  noMembersHint: "Put users, robots or other groups into it: they may then do what is granted to it.",
  provided: (provider: string) =>
    `The identity provider ${provider} decides who is in this group. To add others, make a group here and put this one into it.`,
  add: "Add member",
  addition: { title: (name: string) => `Put somebody into ${name}`, act: "Add" },
  takeOut: {
    label: (who: string) => `Take ${who} out`,
    title: (who: string, name: string) => `Take ${who} out of ${name}?`,
    text: (who: string, name: string) =>
      `${who} loses what is granted to ${name} within two seconds. Other grants stay. You can put ${who} back at any time.`,
    act: "Take out",
  },
  isIn: "It is in",
};
