// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { placeOf } from "@/features/artifacts/place";
import { artifactAddress, repositoryAddress, tagAddress } from "@/shell/addresses";

const DIGEST = `sha256:${"0a".repeat(32)}`;

function restOf(address: string): string {
  return address.replace(/^\/repositories\//, "");
}

describe("placeOf", () => {
  test("reads back every address that is written", () => {
    const repository = "team/platform/app-x";

    expect(placeOf(restOf(repositoryAddress(repository)))).toEqual({ kind: "repository", repository });
    expect(placeOf(restOf(tagAddress(repository, "1.2-rc")))).toEqual({
      kind: "tag",
      repository,
      tag: "1.2-rc",
    });
    expect(placeOf(restOf(artifactAddress(repository, DIGEST)))).toEqual({
      kind: "artifact",
      repository,
      digest: DIGEST,
    });
  });

  test.each(["", "/", "//"])("takes %j for the list of all repositories", (rest) => {
    expect(placeOf(rest)).toEqual({ kind: "all" });
  });

  test("takes parts that are called tags or artifacts for parts of the name", () => {
    expect(placeOf("team/tags/artifacts/-/tags/artifacts")).toEqual({
      kind: "tag",
      repository: "team/tags/artifacts",
      tag: "artifacts",
    });
  });

  test("passes over a slash at the end", () => {
    expect(placeOf("app/")).toEqual({ kind: "repository", repository: "app" });
  });

  test.each([
    "team//app",
    "/app",
    "team/-",
    "-/tags/x",
    "app/-/tags",
    "app/-/tags/",
    "app/-/tags/a/b",
    "app/-/artifacts/latest",
    "app/-/other/x",
  ])("finds nothing at %j", (rest) => {
    expect(placeOf(rest)).toBeUndefined();
  });
});
