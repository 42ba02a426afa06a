// SPDX-License-Identifier: Apache-2.0
/** Said on the pages about usage only: loaded with them, and no part of `words`. */
export const usage = {
  about:
    "Counted in the background, some seconds after it happens. What this console and the registry itself read is not counted.",
  chart: (title: string, sum: string, most: string) => `${title}: ${sum} in all, ${most} at most`,
  bar: (at: string, value: string) => `${at}: ${value}`,
  pullsByHour: "Pulls by hour, of the last day",
  pulls: "Pulls by day",
  pushes: "Pushes by day",
  sent: "Bytes out by day",
  pushed: "Bytes in by day",
  held: "Bytes held",
  byRepository: "Repositories",
  byTag: "Tags",
  byArtifact: "Artifacts",
  byClient: "Clients",
  byPrincipal: "Who",
  others: "others together",
  more: "There are more; entrepot usage show lists them.",
  nothing: "Nothing was pulled or pushed in the last 30 days.",
  pullForms: { one: "pull", other: "pulls" },
  pushForms: { one: "push", other: "pushes" },
  pullsAndPushes: (pulls: string, pushes: string) => `${pulls}, ${pushes}`,
};
