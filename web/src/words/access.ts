// SPDX-License-Identifier: Apache-2.0
export const access = {
  title: "Why may I, or not?",
  navigation: "My access",
  about: "Ask whether you may do something in a repository, and why. It need not exist.",
  action: "What",
  actions: {
    pull: { label: "Pull", verb: "pull from" },
    push: { label: "Push", verb: "push to" },
    delete: { label: "Delete", verb: "delete from" },
    admin: { label: "Administer", verb: "administer" },
  },
  repository: "Repository",
  repositoryExample: "team/app",
  ask: "Ask",
  yes: (verb: string, repository: string) => `Yes, you may ${verb} ${repository}`,
  no: (verb: string, repository: string) => `No, you may not ${verb} ${repository}`,
  because: (reason: string) => `${reason}.`,
  fix: "What would change it",
  fixHint: (role: string, repository: string) =>
    `The smallest grant is the role ${role} on ${repository}. An administrator of the registry can give it; an administrator of the project can give the role on all of the project.`,
  request: (who: string, role: string, repository: string) =>
    `Please give ${who} the role ${role} on ${repository}.`,
  requestName: "the request",
  commandHint: "The same on the command line",
  command: (action: string, repository: string) => `entrepot can-i ${action} ${repository}`,
  commandName: "the command",
  roles: "What the roles allow",
  roleColumn: "Role",
};
