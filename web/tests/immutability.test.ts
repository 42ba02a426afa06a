// SPDX-License-Identifier: Apache-2.0
/** Rules about immutable tags while they are typed. */

import { describe, expect, test } from "vitest";
import { draftOf, isWhole, moved, wantedOf, withoutRule, withRule } from "@/features/immutability/drafts";
import type { Rule } from "@/features/immutability/queries";

const RULE: Rule = {
  repositories: "team/**",
  tags: "v*",
  effect: "append-only",
  until: "2027-01-31T12:30:00.000Z",
  description: "Releases",
  is_binding: true,
};

const [ONE, TWO, THREE] = ["1.*", "2.*", "3.*"].map((tags) => ({ ...RULE, tags })) as [Rule, Rule, Rule];

describe("a rule that is typed", () => {
  test("begins with all of the project, and no tags", () => {
    const draft = draftOf(undefined, "team");

    expect(draft.repositories).toBe("team/**");
    expect(isWhole(draft)).toBe(false);
    expect(isWhole({ ...draft, tags: "v*" })).toBe(true);
  });

  test("says what the rule says that is changed", () => {
    expect(wantedOf(draftOf(RULE, "team"), RULE)).toEqual(RULE);
  });

  test("ends at midnight of another day, or not at all", () => {
    const draft = draftOf(RULE, "team");

    expect(wantedOf({ ...draft, until: "2027-02-01" }, RULE).until).toBe("2027-02-01T00:00:00Z");
    expect(wantedOf({ ...draft, until: "" }, RULE).until).toBeNull();
  });
});

describe("rules in order", () => {
  test("one is put at the end, or in the place of another", () => {
    expect(withRule([ONE, TWO], THREE)).toEqual([ONE, TWO, THREE]);
    expect(withRule([ONE, TWO], THREE, 0)).toEqual([THREE, TWO]);
  });

  test("one is asked earlier or later, or taken out", () => {
    expect(moved([ONE, TWO, THREE], 2, -1)).toEqual([ONE, THREE, TWO]);
    expect(moved([ONE, TWO, THREE], 0, 1)).toEqual([TWO, ONE, THREE]);
    expect(withoutRule([ONE, TWO], 0)).toEqual([TWO]);
  });
});
