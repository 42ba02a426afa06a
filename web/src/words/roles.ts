// SPDX-License-Identifier: Apache-2.0
export const roles = {
  title: "Roles",
  about:
    "What each role allows. A role is given to somebody on some repositories, as a grant or to a member.",
  role: "Role",
  inRepositories: "In repositories",
  inRegistry: "On the registry as a whole",
  systemColumns: { role: "Role", actions: "In the registry", repositories: "In every repository" },
  allows: "allowed",
  allowsNot: "not allowed",
  nothing: "nothing",
  everything: "everything",
  create: "New role",
  creation: {
    title: "New role",
    name: "Name",
    nameRule: "Such as deployer. It cannot be changed.",
    nameInvalid:
      "Up to 64 of a-z, 0-9 and ‘-’, beginning with a letter, and not the name of a built-in role.",
    description: "What for",
    descriptionRule: "Optional, in one line.",
    actions: "What it allows",
    actionsRule: "What follows from another is ticked with it.",
    act: "Create role",
  },
  actionsFor: (name: string) => `Actions for ${name}`,
  change: {
    item: "Change…",
    title: (name: string) => `Change the role ${name}`,
    text: "It changes what everybody may do who has this role, within two seconds.",
    unknown: "It also allows something that this version does not know. To change the role takes that away.",
    act: "Change role",
  },
  remove: {
    item: "Delete…",
    title: (name: string) => `Delete the role ${name}?`,
    text: "Only a role that no grant gives can be deleted. This cannot be undone.",
    act: "Delete role",
  },
  registry: "The registry as a whole",
  allTags: "all",
  builtIn: {
    view: {
      label: "View",
      description: "See names, tags, sizes and what artifacts say of themselves. Not pull.",
    },
    read: { label: "Read", description: "Also pull." },
    write: {
      label: "Write",
      description: "Also push, create repositories, set and move tags, and sign. Not delete.",
    },
    maintain: {
      label: "Maintain",
      description: "Also delete, have artifacts scanned, and change the rules.",
    },
    admin: {
      label: "Admin",
      description: "Also choose the members, make robots, and change or delete the project.",
    },
  },
  system: {
    auditor: {
      label: "Auditor",
      description: "Read everything, in every repository and in the administration. Change nothing.",
    },
    operator: {
      label: "Operator",
      description: "Run the registry: jobs, garbage collection, modes. Read no content.",
    },
    witness: {
      label: "Witness",
      description:
        "For a robot of another registry: leave checkpoints of its audit log here. Read no content.",
    },
    administrator: { label: "Administrator", description: "Do everything, everywhere." },
  },
  actions: {
    read: {
      label: "Read",
      verb: "read what is said about",
      description: "See names, tags, sizes and what artifacts say of themselves; not their content.",
    },
    pull: { label: "Pull", verb: "pull from", description: "Fetch manifests and blobs." },
    push: {
      label: "Push",
      verb: "push to",
      description:
        "Store blobs and manifests. To create a repository, or to set a tag, is asked for by itself.",
    },
    create: { label: "Create", verb: "create", description: "Make the repository by pushing to it." },
    tag: { label: "Tag", verb: "set tags in", description: "Set and move tags." },
    sign: { label: "Sign", verb: "attach signatures in", description: "Attach signatures to artifacts." },
    delete: { label: "Delete", verb: "delete from", description: "Delete tags and artifacts." },
    scan: { label: "Scan", verb: "have artifacts scanned in", description: "Have artifacts scanned." },
    "manage-members": {
      label: "Manage members",
      short: "Members",
      verb: "manage the members of",
      description: "Give and take roles, none that allows more than one’s own.",
    },
    "manage-policy": {
      label: "Manage rules",
      short: "Rules",
      verb: "change the rules of",
      description: "Change what rules apply, such as the mode.",
    },
    override: {
      label: "Override rules",
      short: "Override",
      verb: "override what rules keep in",
      description: "Let a tag be moved or deleted for a while although a rule keeps it.",
    },
    hold: {
      label: "Place legal holds",
      short: "Holds",
      verb: "place legal holds in",
      description: "Place and release legal holds.",
    },
    "report-use": {
      label: "Report what runs",
      short: "In use",
      verb: "report what runs of",
      description: "Say what runs, so that no rule deletes it.",
    },
    admin: {
      label: "Administer",
      verb: "administer",
      description: "All the rest: robots, visibility, the end of the project.",
    },
  },
  systemActions: {
    "read-system": "see how it runs",
    "read-accounts": "see all accounts, groups, roles and grants",
    "read-audit": "read the audit log",
    witness: "leave checkpoints of another registry here",
    operate: "run it: jobs, collection, modes",
    administer: "do everything",
  },
};
