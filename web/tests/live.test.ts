// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { isAbout } from "@/live/useLive";

const OF_THE_REGISTRY = { type: "mode.changed" };
const OF_A_PROJECT = { type: "mode.changed", project: "team" };

describe("isAbout", () => {
  test("the mode of the registry is asked for anew, with those of projects and how collection is", () => {
    for (const key of [
      ["modes", ""],
      ["modes", "team"],
      ["garbage", "state"],
    ])
      expect(isAbout(key, OF_THE_REGISTRY)).toBe(true);
  });

  test("the mode of a project is about no other project, and not about the registry", () => {
    expect(isAbout(["modes", "team"], OF_A_PROJECT)).toBe(true);
    expect(isAbout(["modes", "other"], OF_A_PROJECT)).toBe(false);
    expect(isAbout(["modes", ""], OF_A_PROJECT)).toBe(false);
  });

  test("a mode changes nothing that a project holds", () => {
    expect(isAbout(["projects"], OF_THE_REGISTRY)).toBe(false);
    expect(isAbout(["repository", "team/app"], OF_A_PROJECT)).toBe(false);
  });

  test("a push is about its repository, its project and what lists them", () => {
    const push = { type: "manifest.pushed", project: "team", repository: "team/app" };

    for (const key of [["repository", "team/app"], ["project", "team"], ["repositories"], ["dashboard"]])
      expect(isAbout(key, push)).toBe(true);
    expect(isAbout(["repository", "team/web"], push)).toBe(false);
    expect(isAbout(["modes", ""], push)).toBe(false);
  });
});
