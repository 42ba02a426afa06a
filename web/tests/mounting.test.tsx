// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import * as registered from "@/features";
import type { ArtifactSubject, ConsoleFeature } from "@/shell/feature";
import { isAmong, mounted, tabsOf } from "@/shell/mounted";

const FEATURES: ConsoleFeature[] = Object.values(registered);
const none = async () => ({ default: () => null });

const planted: ConsoleFeature = {
  name: "planted",
  artifactTabs: [
    { id: "late", label: "Late", load: none, order: 20 },
    { id: "early", label: "Early", load: none, order: 10, isFor: ({ type }) => type === "image" },
  ],
};

const an_artifact = (type: string): ArtifactSubject => ({
  repository: "team/app",
  digest: "sha256:00",
  type,
  mediaType: "",
  may: [],
});

describe("what is mounted", () => {
  test("a feature that the server has not mounted is not shown", () => {
    expect(mounted([planted], ["projects"])).toEqual([]);
    expect(mounted([planted], ["projects", "planted"])).toEqual([planted]);
  });

  test("tabs come in their order, and only where they are for the subject", () => {
    const ids = (type: string) => tabsOf([planted], "artifactTabs", an_artifact(type)).map(({ id }) => id);

    expect(ids("image")).toEqual(["early", "late"]);
    expect(ids("chart")).toEqual(["late"]);
  });

  test("no two pages have one address, and no two features one name", () => {
    const paths = FEATURES.flatMap((feature) => (feature.pages ?? []).map((page) => page.path));
    const names = FEATURES.map((feature) => feature.name);

    expect(paths).toEqual([...new Set(paths)]);
    expect(names).toEqual([...new Set(names)]);
  });

  test("every entry of the navigation leads to a page", () => {
    const pages = FEATURES.flatMap((feature) => feature.pages ?? []);
    // What takes the rest of an address takes none, too.
    const paths = new Set(pages.map((page) => page.path.replace(/\/\$$/, "")));
    const targets = FEATURES.flatMap((feature) => (feature.navigation ?? []).map((entry) => entry.to));

    expect(targets.filter((to) => !paths.has(to))).toEqual([]);
  });
});

test("users see what anyone sees, and who may do something what it is for", () => {
  const audiences = ["anyone", "user", "read-system", "administer"] as const;
  const seenBy = (viewer: Parameters<typeof isAmong>[1]) => audiences.filter((each) => isAmong(each, viewer));

  expect(seenBy(null)).toEqual(["anyone"]);
  expect(seenBy({ may: [] })).toEqual(["anyone", "user"]);
  expect(seenBy({ may: ["read-system", "operate"] })).toEqual(["anyone", "user", "read-system"]);
});
