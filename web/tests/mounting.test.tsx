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

test("administrators see what users see, and users what anyone sees", () => {
  const nobody = { isLoggedIn: false, isAdministrator: false };
  const user = { isLoggedIn: true, isAdministrator: false };
  const audiences = ["anyone", "user", "administrator"] as const;

  expect(audiences.filter((each) => isAmong(each, nobody))).toEqual(["anyone"]);
  expect(audiences.filter((each) => isAmong(each, user))).toEqual(["anyone", "user"]);
  expect(audiences.filter((each) => isAmong(each, { ...user, isAdministrator: true }))).toEqual([
    ...audiences,
  ]);
});
