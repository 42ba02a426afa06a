// SPDX-License-Identifier: Apache-2.0
export const modes = {
  tab: "Mode",
  title: "Mode",
  aboutRegistry:
    "What may happen in the whole registry right now. Everything else is refused with the reason that you give.",
  aboutProject:
    "What may happen in this project right now. Where the mode of the registry is stricter, that one counts.",
  modes: {
    rw: { label: "Read and write", description: "Everything goes on." },
    "no-delete": {
      label: "No deleting",
      description: "Nothing is deleted, not even in the background. Pulling and pushing go on.",
    },
    "read-only": { label: "Read-only", description: "Nothing is changed. Pulling goes on." },
    maintenance: {
      label: "Maintenance",
      description: "Nothing is changed, and only administrators of the registry pull.",
    },
  },
  now: "Now",
  since: "Since",
  by: "Set by",
  reason: "Reason",
  reasonAbout: "Everybody who is refused is told.",
  stricter: (label: string) => `The registry is in the stricter mode “${label}”, which counts here too.`,
  change: "Change the mode",
  changeTitle: "Change the mode",
  act: "Set the mode",
  banner: {
    "no-delete": "Nothing can be deleted at the moment. Pulling and pushing go on.",
    "read-only": "This registry is read-only at the moment. Pulling goes on; pushing and deleting wait.",
    maintenance: "This registry is under maintenance. Only administrators pull until it ends.",
  },
};
