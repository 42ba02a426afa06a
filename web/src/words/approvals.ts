// SPDX-License-Identifier: Apache-2.0
const acts = {
  "project.delete": "Delete a project",
  "guardrail.weaken": "Weaken a guardrail",
  "artifact.purge": "Delete an artifact for good",
  "administrator.add": "Let somebody administer the registry",
  "audit.export": "Export the audit log",
  "approvals.weaken": "Ask for fewer approvals",
};

export const approvals = {
  title: "Approvals",
  about: "What takes two people: one asks, another one who may do it too decides, and the first one does it.",
  parts: "Parts of approvals",
  tabs: { waiting: "Waiting for you", mine: "Asked by you", all: "All", rules: "Rules" },
  acts,
  named: (act: keyof typeof acts) => `${acts[act]}:`,
  columns: {
    what: "What",
    state: "State",
    by: "Asked by",
    decidedBy: "Decided by",
    until: "Ends",
  },
  forHours: (hours: number) => (hours === 1 ? "for 1 hour" : `for ${hours} hours`),
  states: {
    pending: "Waiting",
    approved: "Approved",
    rejected: "Rejected",
    withdrawn: "Withdrawn",
    used: "Used",
    expired: "Expired",
  },
  empty: {
    waiting: "Nothing waits for you",
    mine: "You have asked for nothing",
    all: "Nobody has asked for anything",
  },
  emptyHint: {
    waiting: "What others ask for is shown here if you may do it yourself.",
    mine: "Where an act takes a second person, you are asked whether to ask one.",
    all: "What people asked for is listed for 90 days after its end.",
  },
  approve: {
    act: "Approve",
    label: (target: string) => `Approve ${target}`,
    title: (act: string) => `Approve: ${act}?`,
    text: "Whoever asked can do this once, and nothing else by it. You can still reject it until then.",
  },
  reject: {
    act: "Reject",
    label: (target: string) => `Reject ${target}`,
    title: (act: string) => `Reject: ${act}?`,
    text: "Whoever asked is told your comment, and can ask again.",
  },
  withdraw: {
    act: "Withdraw",
    label: (target: string) => `Withdraw ${target}`,
    title: (act: string) => `Withdraw: ${act}?`,
    text: "Nobody can approve or use it any more.",
  },
  comment: "Comment",
  rules: {
    about:
      "An act that is ticked takes the approval of a second person. To untick one takes one too. At least two people have to administer the registry. Ask for all that you care about: whoever can make an administrator alone can make the second person.",
    save: "Set the rules",
    saved: "The rules are set.",
    since: "since",
    hints: {
      "project.delete": "Approved by who administers the project.",
      "guardrail.weaken": "Delete one that refuses, let it only simulate, or give an exception from it.",
      "artifact.purge": "With its bytes, ahead of time. What goes into the bin does not take two.",
      "administrator.add": "By a grant, a group, a merger, or a new password of somebody who does already.",
      "audit.export": "Approved by who may read what is exported.",
      "approvals.weaken": "",
    },
  },
  ask: {
    title: "This takes a second person",
    what: "Ask another person, who may do this too, to approve it. Then do it again.",
    reason: "What it is needed for",
    act: "Ask for approval",
    asked: "You have asked. As soon as somebody has approved, do it again; Approvals shows how it stands.",
    look: "Look at approvals",
  },
};
