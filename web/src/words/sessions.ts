// SPDX-License-Identifier: Apache-2.0
export const sessions = {
  logIn: {
    title: "Log in",
    welcome: "Log in to Entrepot",
    name: "User name",
    password: "Password",
    submit: "Log in",
    first:
      "The first administrator is admin; its password was shown when the registry first started, or is in the file initial-admin-password of its data folder.",
    again: "Log in as somebody else",
    factor: {
      title: "Second factor",
      why: "Your password was right. Now prove it is you.",
      code: "Code",
      codeHint: "Six digits from your authenticator app, or one of your recovery codes",
      onlyRecovery: "One of your recovery codes",
      useKey: "Use a security key or passkey",
      submit: "Continue",
      gaveUp: "The browser got no answer from a security key. Try again, or use a code.",
    },
    enrolment: {
      title: "Set up a second factor",
      why: "Your account needs a second factor before it may do anything else.",
      go: "Continue to the console",
    },
  },
  profile: {
    title: "Profile",
    about: (name: string) => `You are logged in as ${name}`,
    tabs: "Parts of your profile",
  },
  list: {
    tab: "Sessions",
    label: "Your sessions",
    about: "Where you are logged in to this console. A session ends by itself when it is not used.",
    started: "Logged in",
    used: "Last used",
    address: "Address",
    agent: "Browser",
    current: "This one",
    end: "End",
    endOf: (where: string) => `End the session from ${where}`,
    everywhere: "Log out everywhere",
    everywhereTitle: "Log out everywhere?",
    everywhereText:
      "Every session of yours ends at once, this one too. Personal tokens and what docker or podman have stored go on working.",
    none: "No sessions",
    someBrowser: "Unknown browser",
  },
};
