// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { mayCommand, questionOf, whoCommand } from "@/features/access/actions";
import { endLike, momentOf } from "@/features/grants/ends";
import { covered, isTagPattern } from "@/features/grants/patterns";
import { hasTags, optionsOf } from "@/features/grants/roles";
import { ACTIONS, implied, isRoleName, named } from "@/features/roles/actions";
import { identityOf, isSomebody, nameOf } from "@/ui";

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

describe("a pattern of tags", () => {
  test.each(["latest", "v*", "*", "v1.*-rc_*", "V1"])("may be %s", (pattern) => {
    expect(isTagPattern(pattern)).toBe(true);
  });

  test.each(["", "v**", "a b", "a/b", "a".repeat(129)])("may not be %j", (pattern) => {
    expect(isTagPattern(pattern)).toBe(false);
  });
});

describe("whom a role is given to", () => {
  test("is written as the API asks for it", () => {
    expect(identityOf({ kind: "group", name: " developers " })).toBe("group:developers");
    expect(identityOf({ kind: "everyone", name: "" })).toBe("everyone");
  });

  test("has a name, unless there is only one of the kind", () => {
    expect(isSomebody({ kind: "robot", name: " " })).toBe(false);
    expect(isSomebody({ kind: "anonymous", name: "" })).toBe(true);
    expect(nameOf("workload:github:team")).toBe("github:team");
  });
});

describe("when a role ends", () => {
  const now = new Date(2026, 10, 22, 12);
  const later = new Date(2026, 10, 29, 12).toISOString();

  test("is so many days from now, or never", () => {
    expect(momentOf({ choice: "7", date: "" }, now)).toBe(later);
    expect(momentOf({ choice: "never", date: "" }, now)).toBeNull();
  });

  test("is the end of the last day where the viewer is", () => {
    const midnight = new Date(2026, 10, 23).toISOString();

    expect(momentOf({ choice: "date", date: "2026-11-22" }, now)).toBe(midnight);
    expect(momentOf({ choice: "date", date: "2026-11-21" }, now)).toBeUndefined();
    expect(momentOf({ choice: "date", date: "" }, now)).toBeUndefined();
  });

  test("stays as it is where the role is changed, unless it has ended", () => {
    expect(endLike(null, now).choice).toBe("never");
    expect(endLike("2026-11-01T00:00:00Z", now).choice).toBe("30");
    expect(momentOf(endLike(later, now), now, later)).toBe(later);
  });
});

describe("a question about access", () => {
  test("is read from an address, whatever stands in it", () => {
    const asked = questionOf({ action: "destroy", repository: " team/app ", tag: "v1" });

    expect(asked).toEqual({ action: "pull", repository: "team/app", tag: "", principal: "" });
  });

  test("is about a tag only where rights can be", () => {
    expect(questionOf({ action: "tag", repository: "team/app", tag: "v1" }).tag).toBe("v1");
    expect(questionOf({ action: "push", repository: "team/app", tag: "v1" }).tag).toBe("");
  });

  test("can be put on the command line", () => {
    const asked = {
      action: "delete",
      repository: "team/app",
      tag: "v1",
      principal: "robot:team.ci",
    } as const;

    expect(mayCommand(asked)).toBe("entrepot can-i delete team/app:v1 --as robot:team.ci");
    expect(mayCommand({ ...asked, tag: "", principal: "" })).toBe("entrepot can-i delete team/app");
    expect(whoCommand(asked)).toBe("entrepot who-can delete team/app:v1");
  });
});

describe("a role that somebody makes", () => {
  const deployer = {
    name: "deployer",
    description: "",
    is_built_in: false,
    is_system: false,
    actions: ["pull", "tag"],
    allowed: ["read", "pull", "tag"] as ("read" | "pull" | "tag")[],
    system_actions: [],
    created_at: null,
    created_by: null,
  };

  test.each([
    ["deployer", true],
    ["admin", false],
    ["auditor", false],
    ["Deployer", false],
    ["9lives", false],
  ])("may be called %s: %s", (name, isAllowed) => {
    expect(isRoleName(name)).toBe(isAllowed);
  });

  test("allows what follows from its actions, which is not named", () => {
    expect(implied(["pull"])).toEqual(["read"]);
    expect(named(["read", "pull"])).toEqual(["pull"]);
    expect(named([...ACTIONS])).toEqual(["admin"]);
  });

  test("can be given for some tags if it allows to set or delete them", () => {
    expect(hasTags("deployer", [deployer])).toBe(true);
    expect(hasTags("read", [deployer])).toBe(false);
    expect(hasTags("write", [])).toBe(true);
  });

  test("is offered behind the built-in ones, and explained by its actions where nobody did", () => {
    const offered = optionsOf([deployer]);

    expect(Object.keys(offered)).toEqual(["view", "read", "write", "maintain", "admin", "deployer"]);
    expect(offered.deployer?.description).toBe("Read, Pull, Tag");
  });
});
