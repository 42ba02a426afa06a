// SPDX-License-Identifier: Apache-2.0
export const grants = {
  role: "Role",
  roles: {
    read: { label: "Read", description: "Pull." },
    write: { label: "Write", description: "Pull, push and move tags. Not delete." },
    admin: {
      label: "Admin",
      description: "Also delete, choose the members, make robots, and change or delete the project.",
    },
  },
  members: "Members",
  membersAbout: "Members have a role on everything in the project, now and later.",
  columns: { who: "Who", role: "Role", pattern: "On", since: "Since", by: "Given by", actions: "Actions" },
  noMembers: "No members yet",
  noMembersHint:
    "Administrators of the registry may do everything here. Add others to let them pull and push.",
  add: "Add member",
  addition: { title: "Add a member", act: "Add" },
  change: { item: "Change the role…", title: (name: string) => `Role of ${name}`, act: "Change" },
  actionsFor: (name: string) => `Actions for ${name}`,
  remove: {
    item: "Remove…",
    title: (name: string) => `Remove ${name}?`,
    text: (name: string, project: string) =>
      `${name} loses the role on everything in ${project} within two seconds. Other grants stay. You can add ${name} again at any time.`,
    yourself: "This is you: you will not be able to undo it.",
    act: "Remove",
  },
  kind: "Who",
  kinds: { user: "User", robot: "Robot" },
  names: {
    user: { label: "User name", description: "As they log in, such as alice." },
    robot: {
      label: "Robot name",
      description: "What it logs in as: its project, a dot, its name, such as team.ci.",
    },
  },
  title: "Grants",
  about:
    "Every role that was given in this registry, and on what. Grants add up; none takes anything away. Administrators need none.",
  give: "Give a role",
  giving: {
    title: "Give a role",
    pattern: "Repositories",
    patternRule: "The name of a repository, or a pattern.",
    patternInvalid:
      "No name can match this: names are in lower case, and ** stands at the end only, after a / or alone.",
    covers: "Covers",
    act: "Give",
  },
  patterns: {
    title: "What a pattern covers",
    examples: ["alpine", "team/app", "team/**", "team-*/app", "**"],
  },
  covers: {
    everything: "every repository, now and later",
    one: (name: string) => `the repository ${name} and no other`,
    project: (name: string) => `everything in the project ${name}`,
    below: (name: string) => `the repository ${name} and everything below it`,
    like: (name: string) => `every repository named like ${name}; * stands for any characters but /`,
    belowLike: (name: string) =>
      `every repository named like ${name}, and everything below; * stands for any characters but /`,
  },
  none: "There are no grants yet",
  noneHint:
    "Until you give one, only administrators may push, and others may only pull from public projects.",
  take: {
    item: "Take away",
    label: (name: string, pattern: string) => `Take the role of ${name} on ${pattern} away`,
    title: "Take the role away?",
    text: (name: string, role: string, pattern: string) =>
      `${name} loses the role ${role} on ${pattern} within two seconds. You can give it again at any time.`,
    act: "Take away",
  },
};
