// SPDX-License-Identifier: Apache-2.0
/** Said about labels and notes: loaded with what shows them, and no part of `words`. */
export const labels = {
  title: "Labels",
  about:
    "Put on this artifact after its push, by people and robots. Rules can keep or delete artifacts by them.",
  none: "No labels yet.",
  add: "Add label",
  key: "Key",
  value: "Value",
  keyHint: "Such as stage, or example.com/stage.",
  valueHint: "Such as production; may be empty.",
  remove: (label: string) => `Remove ${label}`,
  notRemoved: "The label stays",
  filter: "Filter by labels: stage=production,team",
  column: "Labels",
  more: (count: number) => `and ${count} more`,
  notes: {
    title: "Notes",
    about: "What people and robots know of this artifact. A note is changed by its author only.",
    none: "No notes yet.",
    write: "Write a note",
    text: "Note",
    hint: "Markdown, at most 4,096 bytes.",
    act: "Save note",
    changed: "changed",
    actionsFor: (author: string) => `Actions for the note by ${author}`,
    change: "Change…",
    changeTitle: "Change the note",
    remove: {
      item: "Delete…",
      title: "Delete the note?",
      text: "It is gone for everybody. The audit log keeps what it said.",
      act: "Delete note",
    },
  },
};
