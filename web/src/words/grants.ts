// SPDX-License-Identifier: Apache-2.0
export const grants = {
  members: "Members",
  membersAbout: "Members have a role on everything in the project, now and later.",
  ofBreakGlass: "Break glass",
  columns: {
    who: "Who",
    role: "Role",
    pattern: "On",
    tags: "Tags",
    until: "Until",
    since: "Since",
    by: "Given by",
  },
  registryInText: "the registry as a whole",
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
  until: {
    label: "Until",
    rule: "A role that ends by itself need not be remembered.",
    choices: {
      kept: "As it is now",
      never: "It is taken away",
      "7": "In 7 days",
      "30": "In 30 days",
      "90": "In 90 days",
      date: "A date…",
    },
    date: "Last day",
    dateRule: "It ends with this day, in your time zone.",
    datePast: "This day is over. Choose today or a later one.",
  },
  title: "Grants",
  about: "Who has which role, and on what. Grants add up; none takes anything away.",
  filters: {
    principal: "Of whom, such as alice or group:dev",
    within: "Within, such as team or team/app",
  },
  noneMatches: "No grant matches",
  noneMatchesHint:
    "Nothing was given to them there by name. What reaches them through a group, or from a pattern such as **, is told by the page “Who may do what”.",
  forbidden: "Name a project or a repository above whose members you manage: you may see the grants within.",
  allWithin: "All grants in this project",
  give: "Give a role",
  giving: {
    title: "Give a role",
    pattern: "Repositories",
    patternRule: "The name of a repository, or a pattern.",
    system: "The registry as a whole",
    systemRule: "A role in running the registry, instead of one in repositories.",
    tags: "Tags",
    tagsRule:
      "Optional: a tag, or a pattern such as v*. The role then allows to set and delete such tags only.",
    tagsInvalid: "No tag can match this: letters, digits, ‘_’, ‘.’, ‘-’, and * for any characters.",
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
    text: (name: string, role: string, place: string) =>
      `${name} loses the role ${role} on ${place} within two seconds. You can give it again at any time.`,
    act: "Take away",
  },
};
