// SPDX-License-Identifier: Apache-2.0
export const users = {
  title: "Users",
  about: "The people who may log in. A new user may do nothing until a role is given.",
  filter: "Filter by name",
  columns: {
    name: "Name",
    state: "State",
    factor: "Second factor",
    provider: "From",
    created: "Created",
    password: "Password changed",
  },
  you: "you",
  administrator: "Administrator",
  states: { enabled: "Enabled", disabled: "Disabled" },
  factors: { yes: "Set up", no: "None" },
  local: "this registry",
  noneMatches: "No user matches",
  noneMatchesHint: (filter: string) => `No user has “${filter}” in the name.`,
  create: "New user",
  creation: {
    title: "New user",
    name: "Name",
    nameRule: "As they log in. Nobody else is given it, even once it was changed or the user was deleted.",
    nameInvalid: "Up to 64 of a-z, 0-9, ‘.’, ‘_’ and ‘-’, beginning with a letter or a digit, and not ‘me’.",
    administrator: "Administrator of the registry",
    administratorRule: "May do everything, everywhere.",
    act: "Create user",
  },
  made: {
    title: (name: string) => `Password of ${name}`,
    password: "the password",
    hint: "Hand it over in a way that nobody else can read. It can be changed in the profile after logging in.",
  },
  password: {
    label: "Password",
    choices: { madeUp: "Make one up, and show it to me once", chosen: "Choose one" },
    own: "New password",
    rule: "12 to 1024 characters of any kind, and not the user name.",
    tooShort: "At least 12 characters.",
  },
  actionsFor: (name: string) => `Actions for ${name}`,
  grants: "Show the grants",
  promote: {
    item: "Make administrator…",
    title: (name: string) => `Make ${name} an administrator?`,
    text: (name: string) =>
      `${name} may then do everything, everywhere in the registry: see, change and delete, and manage users. You can undo it at any time.`,
    act: "Make administrator",
  },
  demote: {
    item: "Take the administration away…",
    title: (name: string) => `Take the administration of the registry from ${name}?`,
    text: (name: string) =>
      `${name} then may do only what the grants to ${name} say. You can undo it at any time.`,
    yourself: "This is you: another administrator has to undo it.",
    act: "Take away",
  },
  disable: {
    item: "Disable…",
    title: (name: string) => `Disable ${name}?`,
    text: (name: string) =>
      `${name} can do nothing within two seconds, with any password, session or token. Grants stay, and you can enable the account again.`,
    yourself: "This is you: you are logged out, and another administrator has to undo it.",
    act: "Disable",
  },
  enable: {
    item: "Enable…",
    title: (name: string) => `Enable ${name}?`,
    text: (name: string) =>
      `${name} may log in again, and do with the old password, tokens and grants what they allow. You can undo it at any time.`,
    act: "Enable",
  },
  reset: {
    item: "Reset the password…",
    title: (name: string) => `New password for ${name}`,
    why: "The old password is refused at once, and sessions that began with it end. Personal tokens stay good.",
    act: "Reset password",
    done: (name: string) => `${name} has the password that you chose.`,
  },
  rename: {
    item: "Rename…",
    title: (name: string) => `Rename ${name}`,
    name: "New name",
    consequence: (name: string) =>
      `Grants, groups, tokens, second factors and sessions go along. Histories keep the name ${name}, which nobody else is given. Programs that log in with a token have to give the new name with it.`,
    act: "Rename user",
  },
  merge: {
    item: "Merge into another user…",
    title: (name: string) => `Merge ${name} into another user`,
    why: (name: string) =>
      `For somebody who has two accounts: what ${name} may do goes to the other one, and ${name} is gone.`,
    into: "The user that stays",
    intoRule: "It keeps its password and its second factors.",
    look: "Show what goes there",
    goes: (source: string, into: string) => `What goes from ${source} to ${into}:`,
    grants: (count: number) => (count === 1 ? "1 grant" : `${count} grants`),
    groups: (names: readonly string[]) => `groups: ${names.join(", ") || "none"}`,
    groupsLeft: (names: readonly string[]) =>
      `not these groups, as an identity provider decides who is in them: ${names.join(", ")}`,
    tokens: (names: readonly string[]) => `personal tokens: ${names.join(", ") || "none"}`,
    ends: (source: string, into: string) =>
      `Password, second factors and sessions of ${source} end; those of ${into} stay. This cannot be undone.`,
    act: (source: string, into: string) => `Merge ${source} into ${into}`,
    done: (source: string, into: string) => `${source} is ${into} now.`,
  },
  resetFactors: {
    item: "Remove the second factors…",
    title: (name: string) => `Remove the second factors of ${name}?`,
    text: (name: string) =>
      `For whoever lost them: all authenticator apps, security keys and recovery codes of ${name} are removed. Until new ones are set up, the password alone is enough, unless the registry requires more. Make sure that it is ${name} who asks.`,
    act: "Remove second factors",
  },
  remove: {
    item: "Delete…",
    title: (name: string) => `Delete ${name}?`,
    text: (name: string) =>
      `The account goes for ever, with every grant to ${name}; what ${name} pushed stays. This cannot be undone, and the name is not given out again. To keep the way back open, disable the account.`,
    act: "Delete user",
  },
  ownPassword: {
    tab: "Password",
    title: "Change your password",
    current: "Current password",
    next: "New password",
    again: "New password, again",
    differs: "The two differ.",
    consequence:
      "Whatever logged in with the old password has to log in again, this browser too. Personal tokens stay good.",
    act: "Change password",
    done: "Your password was changed. Log in with the new one.",
  },
};
