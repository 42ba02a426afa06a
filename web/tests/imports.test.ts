// SPDX-License-Identifier: Apache-2.0
/** What is typed into the form of an import, and what is asked of the server with it. */

import { expect, test } from "vitest";
import { Problem } from "@/api";
import { choose } from "@/features/imports/kinds";
import { dryRunOf, fieldOf, NOTHING } from "@/features/imports/terms";

const PLAIN = { ...NOTHING, url: " https://r.example.org ", project: "team", repositories: "library/app" };

test("only a preview is asked for, and what was left empty limits nothing", () => {
  expect(dryRunOf(PLAIN, "")).toMatchObject({
    url: "https://r.example.org",
    login: null,
    repositories: ["library/app"],
    patterns: [],
    tags: [],
    newer_than: null,
    newest: null,
    rate: null,
    strip: 0,
    overwrite: false,
    with_referrers: true,
    dry_run: true,
  });
});

test("what has a star is a pattern, and what is named twice is meant once", () => {
  const asked = dryRunOf({ ...PLAIN, repositories: "library/**, a/b\n a/b  c/*" }, "");

  expect(asked.patterns).toEqual(["library/**", "c/*"]);
  expect(asked.repositories).toEqual(["a/b"]);
});

test("numbers, days and rates are what the server takes", () => {
  const asked = dryRunOf({ ...PLAIN, newest: "10", since: "2026-03-01", rate: "1.5", strip: "1" }, "secret");

  expect(asked).toMatchObject({
    newest: 10,
    newer_than: "2026-03-01T00:00:00Z",
    rate: 1_572_864,
    strip: 1,
    login: { username: "", password: "secret" },
  });
});

test("a kind fills in what is sure of it, and takes that away again", () => {
  const hub = choose("hub", { kind: "other", url: "", username: "" });
  const ecr = choose("ecr", hub);

  expect(hub).toEqual({ kind: "hub", url: "docker.io", username: "" });
  expect(ecr).toEqual({ kind: "ecr", url: "", username: "AWS" });
  expect(choose("harbor", ecr)).toEqual({ kind: "harbor", url: "", username: "" });
});

test("a kind leaves alone what somebody typed", () => {
  const typed = { kind: "other", url: "https://quay.example.org", username: "ada" } as const;

  expect(choose("quay", typed)).toEqual({ ...typed, kind: "quay" });
});

test.each([
  [refusal("import_invalid", "it has a path", { field: "url" }), "url"],
  [refusal("project_unknown", "there is no such project"), "project"],
  [refusal("invalid_request", "login.password: too long"), "password"],
  [refusal("invalid_request", "newest: too small; rate: too small"), undefined],
  [refusal("too_many_imports", "ten run"), undefined],
  [new Error("away"), undefined],
])("a refusal is told at the field that it is about: %s", (error, field) => {
  expect(fieldOf(error)).toBe(field);
});

function refusal(code: string, detail: string, about?: unknown) {
  return new Problem({ code, status: 400, detail, request_id: "", about });
}
