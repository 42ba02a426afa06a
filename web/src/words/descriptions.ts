// SPDX-License-Identifier: Apache-2.0
/** Said about descriptions and owners: loaded with what shows them, and no part of `words`. */
export const descriptions = {
  none: "Nothing is said of it yet",
  noneHint: "A description says what it is, how to use it, and whom to ask.",
  write: "Write a description",
  change: "Change",
  changed: "Changed",
  by: "by",
  owner: "Owner",
  askAbout: "Whom to ask:",
  column: "Summary",
  form: {
    title: (name: string) => `Describe ${name}`,
    summary: "Summary",
    summaryRule: "What it is, in one line, as lists show it.",
    text: "Description",
    textRule: "Markdown of at most 64 KiB. HTML is shown as text, and images as links.",
    look: "Preview",
    ownerKind: "Owner",
    ownerRule: "Whom to ask. It gives nobody a right.",
    kinds: { none: "Nobody", user: "User", group: "Group", contact: "Contact" },
    ownerName: { user: "Name of the user", group: "Name of the group", contact: "How to reach them" },
    act: "Save",
  },
};
