// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { Rule, Selection } from "@/features/retention/queries";
import { whenOf } from "@/features/retention/schedule";
import { above, pageOf, REGISTRY } from "@/features/retention/scope";
import { sentenceOf } from "@/features/retention/sentence";
import { formatSize, sizeOf } from "@/features/retention/sizes";

function told(effect: Rule["effect"], selection: Selection): string {
  return sentenceOf({ name: "rule", effect, selection, is_enabled: true, description: "" });
}

test("what a rule does is one plain sentence", () => {
  const sentences: [Rule["effect"], Selection, string][] = [
    ["keep", { versions: "*" }, "Keeps tags that are versions"],
    ["keep", {}, "Keeps everything"],
    ["keep", { used_within_days: 1 }, "Keeps everything for 1 day after they were last used"],
    ["keep", { tags: ["v*"], newer_than_days: 30 }, "Keeps tags v* for 30 days after they were set"],
    [
      "keep",
      { is_tagged: true, newest: { count: 10 } },
      "Keeps the 10 pushed last of tags in each repository",
    ],
    [
      "delete-artifacts",
      { tags: ["pr-*"], older_than_days: 7 },
      "Deletes artifacts tagged pr-* 7 days after they were pushed",
    ],
    [
      "delete-artifacts",
      { is_tagged: false, unused_for_days: 30 },
      "Deletes untagged artifacts once nobody has used them for 30 days",
    ],
    [
      "delete-artifacts",
      { is_tagged: true, newest: { count: 3, by: "version" } },
      "Deletes tagged artifacts, all but the 3 highest versions in each repository",
    ],
    [
      "delete-tags",
      { tags: ["pr-*", "mr-*"], tag_expressions: ["b[0-9]+"], except_tags: ["pr-1"], older_than_days: 1 },
      "Deletes tags pr-*, mr-* or /b[0-9]+/ but not pr-1 1 day after they were set, and leaves the artifacts",
    ],
    [
      "delete-artifacts",
      { repositories: ["team/a", "team/b"], larger_than_bytes: 1024 ** 3, artifact_types: ["chart"] },
      "Deletes artifacts of type chart larger than 1 GiB in team/a or team/b",
    ],
    [
      "delete-artifacts",
      { labels: ["team=web"], without_referrer: "application/sig", facts: ["!signed"], older_than_days: 0 },
      "Deletes artifacts labelled team=web that are not signed without application/sig 0 days after they were pushed",
    ],
  ];
  for (const [effect, selection, sentence] of sentences) expect(told(effect, selection)).toBe(sentence);
});

test("when a policy is carried out is one plain sentence, too", () => {
  expect(whenOf("")).toBe("Only when somebody makes a plan and runs it");
  expect(whenOf("5 3 * * *")).toBe("Every day at 03:05 UTC");
  expect(whenOf("0 3 * * 7")).toBe("Every Sunday at 03:00 UTC");
  expect(whenOf("0 3 1 * *")).toBe("On day 1 of every month at 03:00 UTC");
  expect(whenOf("*/10 * * * *")).toBe("Every 10 minutes");
  expect(whenOf("7 * * * *")).toBe("Every hour, at minute 7");
  for (const other of ["0 3 * 1 *", "0 3 1 * 1", "0 3-5 * * *", "0 3", "x"])
    expect(whenOf(other)).toBe(`At the times that ${other} names, in UTC`);
});

describe("sizes", () => {
  test("are read as people write them", () => {
    expect(["500 MiB", "1.5GB", "2g", "10", "1 kb"].map(sizeOf)).toEqual([
      524_288_000,
      1.5e9,
      2 ** 31,
      10,
      1000,
    ]);
    expect(["", "MiB", "1 parsec", "-1", "1 2", "9".repeat(20)].map(sizeOf)).toEqual(
      Array(6).fill(undefined),
    );
  });

  test("are written so that the same number is read again", () => {
    for (const bytes of [0, 1, 1000, 1024, 1536, 500 * 1024 ** 2, 1024 ** 4, 1e12 + 1])
      expect(sizeOf(formatSize(bytes))).toBe(bytes);
  });
});

test("a level is under those above it, the nearest first", () => {
  const repository = { level: "repository", name: "team/web/app" } as const;

  expect(above(repository)).toEqual([{ level: "project", name: "team" }, REGISTRY]);
  expect(above({ level: "project", name: "team" })).toEqual([REGISTRY]);
  expect(above(REGISTRY)).toEqual([]);
  expect([repository, ...above(repository)].map(pageOf)).toEqual([
    "/repositories/team/web/app",
    "/projects/team",
    "/system",
  ]);
});
