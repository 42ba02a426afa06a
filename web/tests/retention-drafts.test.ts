// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import {
  type DraftRule,
  draftOf,
  draftRuleOf,
  faultsOf,
  isSame,
  isWhole,
  newRule,
  ruleOf,
  termsOf,
  withCopy,
  withRules,
} from "@/features/retention/drafts";
import { isToCome, kindOf, sentFor, shownFor } from "@/features/retention/expiring";
import type { Rule } from "@/features/retention/queries";
import { placeOf } from "@/features/retention/refused";

const EVERYTHING: Rule = {
  name: "all",
  effect: "delete-artifacts",
  selection: {
    repositories: ["team/**"],
    tags: ["pr-*", "mr-*"],
    tag_expressions: ["a{1,2}", "b"],
    except_tags: ["pr-1"],
    versions: ">=1.2 <2",
    is_tagged: true,
    artifact_types: ["chart"],
    labels: ["team=web, and more", "cache"],
    older_than_days: 0,
    newer_than_days: 9,
    unused_for_days: 30,
    used_within_days: 40,
    larger_than_bytes: 1024,
    with_referrer: "a/b",
    without_referrer: "c/d",
    facts: ["!signed"],
    newest: { count: 10, by: "pull" },
  },
  is_enabled: false,
  description: "For a while",
};
const PLAIN: Rule = { name: "pr", effect: "delete-artifacts", selection: { tags: ["pr-*"] } };

function draft(changed: Partial<DraftRule> = {}): DraftRule {
  return { ...draftRuleOf(PLAIN, 1), ...changed };
}

test("what is not changed is sent as it was", () => {
  expect(ruleOf(draftRuleOf(EVERYTHING, 0))).toEqual(EVERYTHING);
  expect(ruleOf(draft())).toEqual({ ...PLAIN, is_enabled: true, description: "" });
  const policy = {
    rules: [{ ...EVERYTHING, is_enabled: true, description: "" }],
    cron: "0 3 * * *",
    brake_percent: 20,
    expires_by_labels: true,
    changed_at: "2026-01-31T12:00:00Z",
    changed_by: "user:ada",
  };
  const { changed_at, changed_by, ...terms } = policy;
  expect(termsOf(draftOf(policy as never))).toEqual(terms);
});

test("a policy begins with no rules, and with the brake of the registry", () => {
  expect(termsOf(draftOf(null))).toEqual({
    rules: [],
    cron: "",
    brake_percent: 50,
    expires_by_labels: false,
  });
});

test("only what would be saved is a change", () => {
  const before = { ...draftOf(null), rules: [draft()] };
  const spaced = { ...before, rules: [draft({ name: "pr ", asked: { tags: "pr-* ," } })] };
  const other = { ...before, rules: [draft({ asked: { tags: "pr-*, mr-*" } })] };

  expect(isSame(before, spaced)).toBe(true);
  expect(isSame(before, other)).toBe(false);
});

describe("what has to be put right", () => {
  test("is told of a name, of numbers, and of what was not filled in", () => {
    const wrong = draft({
      name: "Pr",
      asked: { tags: " ", older_than_days: "1.5", newest: "0", larger_than_bytes: "x" },
    });

    expect(faultsOf(wrong, [wrong])).toEqual([
      "nameInvalid",
      "tags",
      "older_than_days",
      "newest",
      "larger_than_bytes",
    ]);
    expect(faultsOf(draft({ name: "expiry" }), [])).toEqual(["nameInvalid"]);
    expect(faultsOf(draft(), [draft(), draft({ id: 2 })])).toEqual(["nameTaken"]);
    expect(faultsOf(draft(), [draft()])).toEqual([]);
  });

  test("a rule that deletes has to say which, one that keeps has not", () => {
    const anywhere = draft({ asked: { repositories: "team/**" } });

    expect(faultsOf(anywhere, [])).toEqual(["nothingAsked"]);
    expect(faultsOf({ ...anywhere, effect: "keep" }, [])).toEqual([]);
  });

  test("nothing is sent before, and a new rule has something to be filled in", () => {
    const whole = { ...draftOf(null), rules: [draft()] };

    expect(isWhole(whole)).toBe(true);
    expect(isWhole({ ...whole, brakePercent: "101" })).toBe(false);
    expect(isWhole({ ...whole, rules: [draft(), newRule([draft()])] })).toBe(false);
  });
});

test("rules that are added or copied have names and keys of their own", () => {
  const all = withCopy(withRules([draft()], [PLAIN, EVERYTHING]), 1);

  expect(all.map(({ name }) => name)).toEqual(["pr", "pr-3", "pr-2", "all"]);
  expect(new Set(all.map(({ id }) => id)).size).toBe(4);
  expect(withCopy(withRules([], [{ ...PLAIN, name: "x".repeat(64) }]), 0)[1]?.name).toHaveLength(64);
});

describe("where something is refused", () => {
  const rules = [draft(), draft({ id: 2, asked: { tags: "v*", except_tags: "x[", versions: "1.y" } })];
  const place = (code: string, message: string) => placeOf({ code, message }, rules);

  test("is told by what is quoted, or by which rule asks for such a thing at all", () => {
    expect(place("invalid_tag_pattern", "'x[' matches no tag")).toEqual({ rule: 2, field: "except_tags" });
    expect(place("invalid_version_range", "'y' is no version")).toEqual({ rule: 2, field: "versions" });
    expect(place("invalid_schedule", "'x' is not a schedule")).toEqual({ field: "cron" });
    expect(place("invalid_request", "rules.1.selection.tags: too many")).toEqual({ rule: 2, field: "tags" });
    expect(place("invalid_request", "rules.0.name: too long")).toEqual({ rule: 1, field: "name" });
    expect(place("invalid_request", "rules.0.selection.labels: too many")).toEqual({
      rule: 1,
      field: "rule",
    });
  });

  test("is nowhere where nobody can tell", () => {
    expect(place("invalid_path_pattern", "'x' has no segment")).toBeUndefined();
    expect(place("retention_rule_invalid", "a policy has at most 50 rules")).toBeUndefined();
  });
});

describe("when a tag expires", () => {
  const nobody = { expires_at: null, source: "nobody", set_by: null, set_at: null } as const;
  const now = new Date("2027-01-31T12:00:00Z");

  test("is shown as somebody has said it, and otherwise left to the artifact", () => {
    expect(kindOf(nobody)).toBe("artifact");
    expect(kindOf({ ...nobody, source: "somebody" })).toBe("never");
    expect(kindOf({ ...nobody, source: "somebody", expires_at: "2027-02-01T00:00:00Z" })).toBe("at");
  });

  test("is a moment to come, within ten years", () => {
    const in_a_week = shownFor(nobody, now);

    expect(new Date(in_a_week).getTime() - now.getTime()).toBe(7 * 86_400_000);
    expect(isToCome(in_a_week, now)).toBe(true);
    expect(["2027-01-30T12:00", "2037-03-01T12:00", ""].map((each) => isToCome(each, now))).toEqual([
      false,
      false,
      false,
    ]);
    expect(sentFor("at", in_a_week)).toBe("2027-02-07T12:00:00.000Z");
    expect(sentFor("never", in_a_week)).toBeNull();
    expect(sentFor("artifact", in_a_week)).toBeUndefined();
  });
});
