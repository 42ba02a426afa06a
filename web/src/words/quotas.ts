// SPDX-License-Identifier: Apache-2.0
/** Said on the pages about quotas only: loaded with them, and no part of `words`. */
export const quotas = {
  aboutProject:
    "What is there counts: each blob once, and nothing of the bin. It is counted about a second after it happens.",
  aboutRegistry:
    "Who uses how much. Administrators set quotas with the command line; deleting never fails on one.",
  list: "Who uses how much",
  kinds: { project: "Projects", user: "Users", robot: "Robots" },
  kind: "Whose quotas",
  orders: { percent: "Fullest", used: "Largest", name: "By name" },
  order: "Order",
  name: "Name",
  fill: "Full",
  used: "Used",
  limit: "Limit",
  artifacts: "Artifacts",
  repositories: "Repositories",
  tags: "Tags",
  bytes: "Bytes",
  quota: "Quota",
  own: "its own",
  default: "the default",
  unlimited: "unlimited",
  percent: (percent: number) => `${percent} %`,
  bar: (name: string, percent: number) => `${name}: ${percent} % used`,
  of: (used: string, limit: string) => `${used} of ${limit}`,
  none: { project: "Nothing is stored yet", user: "No user has a quota", robot: "No robot has a quota" },
  noneHint: {
    project:
      "Once something is pushed, its project is listed here. This limits every project without its own quota:",
    user: "This limits what a user may have pushed:",
    robot: "This limits what a robot may have pushed:",
  },
  commandFor: {
    project: "entrepot quota set --size 50GB",
    user: "entrepot quota set jane --user --size 10GB",
    robot: "entrepot quota set team.ci --robot --size 10GB",
  },
  command: "the command",
  noLimit: "This project has no limit",
  noLimitHint: "An administrator sets one with this command:",
  commandOf: (project: string) => `entrepot quota set ${project} --size 50GB`,
  full: "Nothing more fits",
  fullHint:
    "Pushes that need more are refused. Delete what is not needed, which makes room at once; or ask for more:",
  near: "It is nearly full",
  nearHint: "Pushes are warned. Delete what is not needed; or ask for more:",
  askAdministrators: "an administrator of the registry",
  contact: "Whom to ask",
  thresholds: "Warned at",
  beside: "Beside that",
  bin: "In the bin",
  leased: "Pushed for nothing yet",
  uploads: "Being uploaded",
  shared: "Shared with other projects",
  atLeast: "at least",
  forecast: "If it goes on as in the last 30 days",
  growth: "Growth a day",
  fullAt: "Full",
  never: "not in sight",
  unknown: "not known yet",
  check: (at: string, repaired: number) =>
    repaired
      ? `Everything was counted anew ${at}: ${repaired} had been counted wrong, and were put right.`
      : `Everything was counted anew ${at}, and nothing had been counted wrong.`,
};
