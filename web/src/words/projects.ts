// SPDX-License-Identifier: Apache-2.0
export const projects = {
  title: "Projects",
  about:
    "The first part of a repository's name is its project. It says who may see and change what is below it.",
  filter: "Filter by name",
  create: "New project",
  columns: { name: "Name", visibility: "Visibility", created: "Created", by: "By" },
  asTemplate: {
    label: "As a template says",
    description: "Private, if there is no template for its name.",
  },
  visibilities: {
    private: { label: "Private", description: "Only those with a role in it may see it and pull from it." },
    internal: {
      label: "Internal",
      description: "Everybody who is logged in may see it and pull from it. Pushing still takes a role.",
    },
    public: {
      label: "Public",
      description:
        "Everybody who reaches the registry may pull, without logging in. Pushing still takes a role.",
    },
  },
  visibility: "Visibility",
  none: "There are no projects yet",
  noneForAdministrator:
    "Create one here, or push: the first push of an administrator to a new name creates its project.",
  noneForUser: "There is none that you may see. Ask an administrator for a role in a project.",
  noneMatches: "No project matches",
  noneMatchesHint: (filter: string) => `No project that you may see has “${filter}” in its name.`,
  creation: {
    title: "New project",
    name: "Name",
    nameRule:
      "What the names of its repositories begin with, such as team in team/app. It cannot be changed.",
    nameInvalid:
      "Lower-case letters and digits, with one ‘.’, one or two ‘_’ or any number of ‘-’ between them.",
    act: "Create project",
  },
  tabs: "Parts of the project",
  repositories: "Repositories",
  settings: "Settings",

  made: { request: "Created", push: "Created by a push" },
  by: "by",
  repositoryColumns: {
    name: "Repository",
    latest: "Latest tag",
    updated: "Updated",
  },
  repositoryFilter: "Filter by name",
  noRepositories: "No repositories yet",
  noRepositoriesHint: "Push an image: any local image will do, and the repository is created with it.",
  pushCommands: "commands to push an image",
  noRepositoryMatches: "No repository matches",
  noRepositoryMatchesHint: (filter: string) => `No repository of this project has “${filter}” in its name.`,
  visibilityNow: {
    private: "This project is private.",
    internal: "This project is internal.",
    public: "This project is public.",
  },
  isNow: (label: string) => `${label}, as it is now`,
  makeVisible: {
    private: {
      button: "Make private…",
      title: (name: string) => `Make ${name} private?`,
      text: "Pulls without a login, and by users and robots without a role in the project, are refused within two seconds. You can open it again at any time.",
      act: "Make private",
    },
    internal: {
      button: "Make internal…",
      title: (name: string) => `Make ${name} internal?`,
      text: "Every user and every robot that is logged in can then pull everything in the project, and read its tags and their history, with the names of who pushed. Pulls without a login are refused.",
      act: "Make internal",
    },
    public: {
      button: "Make public…",
      title: (name: string) => `Make ${name} public?`,
      text: "Everybody who reaches the registry can then pull everything in the project, and read its tags and their history, with the names of who pushed. You can make it private again, but not what was pulled until then.",
      act: "Make public",
    },
  },
  redirects: {
    title: "Downloads",
    allowed: {
      about:
        "Where the configuration of the registry says so, clients fetch large blobs of this project from the storage itself.",
      button: "Never from the storage…",
      title: (name: string) => `Have all downloads from ${name} pass through the registry?`,
      text: "Within two seconds no client is given an address of the storage any more. Those that were given stay good for as long as the registry's configuration says.",
      act: "Never from the storage",
    },
    never: {
      about: "Every byte of this project passes through the registry.",
      button: "Allow downloads from the storage…",
      title: (name: string) => `Allow downloads of ${name} from the storage?`,
      text: "Where the configuration of the registry says so, clients are then given an address at which they read a blob without logging in, for a few minutes.",
      act: "Allow",
    },
  },
  deletion: {
    title: "Delete this project",
    about:
      "A project can be deleted once none of its repositories holds an artifact. Its members, its robots with their secrets, and the grants that are about nothing but the project go with it.",
    button: "Delete project…",
    confirm: (name: string) => `Delete the project ${name}?`,
    text: "These go with it, and this cannot be undone:",
    goes: [
      "its empty repositories, and what could still be restored in them",
      "its members and every grant that is only about this project",
      "its robots and their secrets: what logs in with them is refused at once",
    ],
    act: "Delete project",
  },
};
