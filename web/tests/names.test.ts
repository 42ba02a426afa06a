// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { isProjectName } from "@/features/projects/names";
import { isRobotName } from "@/features/robots/names";
import { isUserName } from "@/features/users/names";

describe("the name of a project", () => {
  test.each(["team", "t", "team-a", "a--b", "a_b", "a__b", "a.b", "0"])("may be %s", (name) => {
    expect(isProjectName(name)).toBe(true);
  });

  test.each(["", "Team", "team/app", "-team", "team-", "a..b", "a___b", "a b", "a_-b"])(
    "may not be %j",
    (name) => {
      expect(isProjectName(name)).toBe(false);
    },
  );
});

describe("the name of a robot in its project", () => {
  test.each(["ci", "c", "build_arm-64", "a".repeat(64)])("may be %s", (name) => {
    expect(isRobotName(name)).toBe(true);
  });

  test.each(["", "CI", "team.ci", "-ci", "ci_", "a".repeat(65)])("may not be %j", (name) => {
    expect(isRobotName(name)).toBe(false);
  });
});

describe("the name of a user", () => {
  test.each(["alice", "a", "0", "a.b_c-", "a".repeat(64)])("may be %s", (name) => {
    expect(isUserName(name)).toBe(true);
  });

  test.each(["", "me", "Alice", ".a", "a b", "a@b", "a".repeat(65)])("may not be %j", (name) => {
    expect(isUserName(name)).toBe(false);
  });
});
