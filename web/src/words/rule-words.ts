// SPDX-License-Identifier: Apache-2.0
/** Of what sentences about retention rules and schedules are put together; no part of `words`. */

import { counted } from "@/words";

const days = (count: number) => counted(count, { one: "day", other: "days" });

/** `a`, `a or b`, `a, b or c`. */
export function either(all: readonly string[]): string {
  const last = all.at(-1) ?? "";
  return all.length > 1 ? `${all.slice(0, -1).join(", ")} or ${last}` : last;
}

export const sentences = {
  keep: (what: string) => `Keeps ${what}`,
  delete: (what: string) => `Deletes ${what}`,
  leaving: "and leaves the artifacts",
  anything: "everything",
  things: {
    tags: "tags",
    artifacts: "artifacts",
    untagged: "untagged artifacts",
    tagged: "tagged artifacts",
  },
  ofType: (types: readonly string[]) => `of type ${either(types)}`,
  named: (patterns: readonly string[]) => either(patterns),
  tagged: (patterns: readonly string[]) => `tagged ${either(patterns)}`,
  areVersions: "that are versions",
  taggedVersions: "tagged with a version",
  versions: (range: string) => `that are versions in ${range}`,
  taggedInRange: (range: string) => `tagged with a version in ${range}`,
  except: (patterns: readonly string[]) => `but not ${either(patterns)}`,
  labelled: (labels: readonly string[]) => `labelled ${labels.join(" and ")}`,
  facts: (facts: readonly string[]) =>
    facts.map((fact) => (fact.startsWith("!") ? `not ${fact.slice(1)}` : fact)).join(" and "),
  withFacts: (facts: string) => `that are ${facts}`,
  larger: (size: string) => `larger than ${size}`,
  withReferrer: (type: string) => `with ${type}`,
  withoutReferrer: (type: string) => `without ${type}`,
  repositories: (patterns: readonly string[]) => `in ${either(patterns)}`,
  after: {
    tags: (count: number) => `${days(count)} after they were set`,
    artifacts: (count: number) => `${days(count)} after they were pushed`,
  },
  olderThan: {
    tags: (count: number) => `set at least ${days(count)} ago`,
    artifacts: (count: number) => `pushed at least ${days(count)} ago`,
  },
  newerThan: {
    tags: (count: number) => `set within the last ${days(count)}`,
    artifacts: (count: number) => `pushed within the last ${days(count)}`,
  },
  for: {
    tags: (count: number) => `for ${days(count)} after they were set`,
    artifacts: (count: number) => `for ${days(count)} after they were pushed`,
  },
  onceUnused: (count: number) => `once nobody has used them for ${days(count)}`,
  unused: (count: number) => `that nobody has used for ${days(count)}`,
  whileUsed: (count: number) => `for ${days(count)} after they were last used`,
  used: (count: number) => `used within the last ${days(count)}`,
  newest: {
    push: (count: number) => `the ${count} pushed last`,
    pull: (count: number) => `the ${count} used last`,
    version: (count: number) => `the ${count} highest versions`,
  },
  keepNewest: (newest: string, what: string) => `${newest} of ${what} in each repository`,
  allBut: (newest: string, what: string) => `${what}, all but ${newest} in each repository`,
};

export const schedules = {
  never: "Only when somebody makes a plan and runs it",
  everyMinutes: (count: number) => `Every ${counted(count, { one: "minute", other: "minutes" })}`,
  hourly: (minute: number) => `Every hour, at minute ${minute}`,
  daily: (time: string) => `Every day at ${time} UTC`,
  weekly: (day: string, time: string) => `Every ${day} at ${time} UTC`,
  monthly: (day: number, time: string) => `On day ${day} of every month at ${time} UTC`,
  other: (cron: string) => `At the times that ${cron} names, in UTC`,
  days: ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"],
};
