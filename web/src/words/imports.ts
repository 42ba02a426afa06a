// SPDX-License-Identifier: Apache-2.0
/** Said about imports only: loaded with them, and no part of `words`. */
export const imports = {
  about:
    "What other registries have, brought here by the server itself. Imports are asked for with entrepot imports start.",
  list: "Imports, newest first",
  none: "Nothing has been imported in the last 90 days",
  noneHint: "entrepot imports start 'library/**' --from https://registry.example.org --into team --dry-run",
  columns: { what: "What", state: "State", by: "Asked for by" },
  from: "from",
  into: "into",
  states: {
    running: "Running",
    paused: "Paused",
    done: "Done",
    failed: "Failed",
    cancelled: "Cancelled",
  },
  progress: (done: string, known: string, failed: string) => `${done} of ${known} tags, ${failed} failed`,
  missing: (bytes: string) => `${bytes} are not here`,
  fetched: (bytes: string) => `${bytes} fetched`,
  report: "Report",
  acts: { pause: "Pause", cancel: "Cancel", resume: "Go on", run: "Bring it", check: "Compare" },
};
