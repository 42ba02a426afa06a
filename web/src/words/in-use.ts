// SPDX-License-Identifier: Apache-2.0
/** Said about what clusters run: loaded with it, and no part of `words`. */

export const inUse = {
  mark: (cluster: string) => `Runs in ${cluster}`,
  markHint: (moment: string) =>
    `No rule deletes it while the cluster says so. What it said counts until ${moment}.`,
  about:
    "Clusters say what they run, and no rule deletes that while it counts. One that says nothing more ages out.",
  list: "Clusters that say what they run",
  none: "No cluster says what it runs",
  noneHint: "Let a job in each cluster do so, as an account with the right to report-use:",
  command:
    "kubectl get pods -A -o jsonpath='{.items[*].status.containerStatuses[*].imageID}' | entrepot in-use report --cluster production",
  what: "command to report what runs",
  columns: { cluster: "Cluster", running: "Images", reported: "Reported", by: "By", until: "Counts until" },
};
