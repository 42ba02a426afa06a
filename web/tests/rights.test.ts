// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { actionOf, roleFor } from "@/features/access/actions";
import { covered } from "@/features/grants/patterns";

describe("a path pattern", () => {
  test.each([
    ["alpine", "the repository alpine and no other"],
    ["team/app", "the repository team/app and no other"],
    ["team/**", "everything in the project team"],
    ["team/web/**", "the repository team/web and everything below it"],
    ["team-*/app", "every repository named like team-*/app; * stands for any characters but /"],
    ["te*/**", "every repository named like te*, and everything below; * stands for any characters but /"],
    ["**", "every repository, now and later"],
  ])("%s is explained", (pattern, meaning) => {
    expect(covered(pattern)).toBe(meaning);
  });

  test.each(["", "/", "team//app", "Team/app", "**/app", "team/**/app", "a**", "/**", "team/app/"])(
    "%j covers nothing",
    (pattern) => {
      expect(covered(pattern)).toBeUndefined();
    },
  );
});

test.each([
  ["pull", "read"],
  ["push", "write"],
  ["delete", "admin"],
  ["admin", "admin"],
] as const)("the weakest role that allows to %s is %s", (action, role) => {
  expect(roleFor(action)).toBe(role);
});

test("what an address names that is no action is read as a pull", () => {
  expect(actionOf("destroy")).toBe("pull");
  expect(actionOf("push")).toBe("push");
});
