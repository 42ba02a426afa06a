// SPDX-License-Identifier: Apache-2.0
export const guardrails = {
  title: "Guardrails",
  about: "What nobody does in a part of the registry, whatever was granted.",
  columns: {
    name: "Guardrail",
    pattern: "Where",
    mode: "Now",
    since: "Since",
    by: "By",
  },
  kinds: {
    "no-public": "Nothing is public",
    "push-by-machines": "Only robots and workloads push",
    "second-factor": "People need a second factor",
    naming: "New names follow a pattern",
  },
  modes: { simulate: "simulates", enforce: "refuses" },
  empty: "There are no guardrails",
  emptyHint: "This sets one that refuses nothing yet, and counts what it would refuse.",
  emptyCommand: "entrepot guardrail create only-ci push-by-machines 'prod-*/**'",
  command: "the command",
  noneInProject: "No guardrail is about this project",
  noneInProjectHint: "Administrators of the registry set them, for one project or for many.",
  enforce: {
    act: "Enforce",
    label: (name: string) => `Enforce ${name}`,
    title: (name: string) => `Enforce the guardrail ${name}?`,
    text: "It refuses from now on, administrators too. What is there already stays as it is.",
  },
  simulate: {
    act: "Simulate",
    label: (name: string) => `Let ${name} only simulate`,
    title: (name: string) => `Let the guardrail ${name} only simulate?`,
    text: "It refuses nothing from now on, and counts what it would have refused.",
  },
};
