// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { detailsOf, membersOf } from "@/features/audit/details";
import { everyCheckpoint } from "@/features/audit/queries";
import {
  exportAddress,
  fromAddress,
  fromField,
  hoursAgo,
  isName,
  isSame,
  lasting,
  momentOf,
  termsOf,
  termsTyped,
  toAddress,
  toField,
} from "@/features/audit/terms";
import { typeName, typeOptions } from "@/features/audit/types";

describe("what is searched for", () => {
  test("is read from the address, and nothing else that stands there", () => {
    const terms = termsOf({
      type: " grant ",
      principal: "",
      tab: "records",
      record: "1@x",
      outcome: "refused",
    });

    expect(terms).toEqual({ type: "grant", outcome: "refused" });
  });

  test.each([
    ["alice", "user:alice"],
    ["robot:team.ci", "robot:team.ci"],
    ["anonymous", "anonymous:anonymous"],
    [" bob ", "user:bob"],
  ])("%j is somebody: %s", (typed, identity) => {
    expect(termsTyped({ principal: typed })).toEqual({ principal: identity });
  });

  test("is the same only if every part is", () => {
    expect(isSame({ type: "grant" }, { type: "grant" })).toBe(true);
    expect(isSame({ type: "grant" }, { type: "grant", tag: "v1" })).toBe(false);
  });

  test("is saved without its span of time", () => {
    const terms = { type: "login.failed", since: "2026-11-01T00:00:00Z", until: "2026-11-02T00:00:00Z" };

    expect(lasting(terms)).toEqual({ type: "login.failed" });
  });

  test.each([
    ["failed logins", true],
    ["a.b_c-d 9", true],
    ["", false],
    [" a", false],
    ["a/b", false],
    ["a".repeat(65), false],
  ])("is saved under %j: %s", (name, isAllowed) => {
    expect(isName(name)).toBe(isAllowed);
  });

  test("is what is downloaded", () => {
    const address = new URL(exportAddress({ principal: "user:a&b", type: "grant" }, "csv"), "http://host");

    expect(address.pathname).toBe("/api/v1/audit/records:export");
    expect(Object.fromEntries(address.searchParams)).toEqual({
      principal: "user:a&b",
      type: "grant",
      format: "csv",
    });
  });
});

describe("a span of time", () => {
  test("of the last hours begins with a minute", () => {
    expect(hoursAgo(24, new Date("2026-11-22T13:05:42.123Z"))).toBe("2026-11-21T13:05:00.000Z");
  });

  test("comes back from its field as it was, to the second", () => {
    const moment = new Date(2026, 10, 22, 13, 5, 42).toISOString();

    expect(toField(moment)).toBe("2026-11-22T13:05:42");
    expect(fromField(toField(moment))).toBe(moment);
  });

  test("that is none leaves its field empty", () => {
    expect(toField(undefined)).toBe("");
    expect(toField("yesterday")).toBe("");
    expect(fromField("")).toBe("");
  });
});

describe("a record in the address", () => {
  test("is found by its number and its moment", () => {
    const place = { seq: 17, at: "2026-11-22T13:00:00.250Z" };

    expect(fromAddress(toAddress(place))).toEqual(place);
    expect(momentOf(place)).toEqual({ since: "2026-11-22T13:00:00.250Z", until: "2026-11-22T13:00:00.251Z" });
  });

  test.each(["", "17", "x@2026-11-22T13:00:00Z", "17@yesterday", "-1@2026-11-22T13:00:00Z"])(
    "is not %j",
    (text) => {
      expect(fromAddress(text)).toBeUndefined();
    },
  );
});

describe("before and after", () => {
  test("are compared member by member, those that went at the end, and what is empty left out", () => {
    const members = membersOf(
      { role: "read", path: "team/**", note: "x" },
      { role: "write", path: "team/**", tags: "", until: null, end: "never" },
    );

    expect(members.map(({ name, kind }) => [name, kind])).toEqual([
      ["role", "changed"],
      ["path", "same"],
      ["end", "added"],
      ["note", "removed"],
    ]);
  });

  test("are compared inside of members, and lists as a whole", () => {
    const members = membersOf({ rule: { actions: ["pull"] } }, { rule: { actions: ["pull", "tag"] } });

    expect(members).toEqual([{ name: "rule.actions", before: "pull", after: "pull, tag", kind: "changed" }]);
  });

  test("may be values without members, or not there", () => {
    expect(membersOf("rw", "read-only")).toEqual([
      { name: "", before: "rw", after: "read-only", kind: "changed" },
    ]);
    expect(membersOf(undefined, null)).toEqual([]);
  });

  test("have no members that come from prototypes", () => {
    expect(membersOf({}, JSON.parse('{"__proto__": 1, "constructor": 2}'))).toMatchObject([
      { name: "__proto__", after: "1", kind: "added" },
      { name: "constructor", after: "2", kind: "added" },
    ]);
  });
});

describe("what stands beside a record", () => {
  test("is its reason, its changes, and the rest", () => {
    const details = detailsOf({ reason: "case 12", after: { role: "read" }, cause: "retention", size: 0 });

    expect(details.reason).toBe("case 12");
    expect(details.members).toHaveLength(1);
    expect(details.told).toEqual([
      ["cause", "retention"],
      ["size", "0"],
    ]);
  });

  test("is shown whatever it is", () => {
    expect(detailsOf(null)).toEqual({ reason: "", members: [], told: [] });
    expect(detailsOf(["a", 1]).told).toEqual([["", '["a",1]']]);
  });

  test("tells moments as such", () => {
    expect(detailsOf({ further_since: Date.UTC(2026, 10, 22, 12) }).told[0]?.[1]).toContain("2026");
  });
});

describe("types of records", () => {
  test("are offered by what they are about, before each lot all of it", () => {
    const options = typeOptions(["user.created", "key.rotated", "grant.given", "grant.taken"]);

    expect(options.map(({ group }) => group)).toEqual(["Grants", "Keys", "Users"]);
    expect(options[0]?.items.map(({ value }) => value)).toEqual(["grant", "grant.given", "grant.taken"]);
    expect(options[1]?.items).toEqual([{ value: "key.rotated", label: "Key replaced" }]);
  });

  test("that the reference lists all have words", () => {
    const reference = readFileSync(join(import.meta.dirname, "../../docs/reference/audit.md"), "utf8");
    const table = reference.split("<!-- generated: types -->")[1]?.split("<!-- end: types -->")[0] ?? "";
    const types = [...table.matchAll(/`([a-z-]+\.[a-z-]+)`/g)].map(([, type]) => type ?? "");

    expect(types).toContain("grant.given");
    expect(types.filter((type) => typeName(type) === type)).toEqual([]);
    expect(typeOptions(types).filter(({ group }) => group === group.toLowerCase())).toEqual([]);
  });

  test("are not what every object has", () => {
    expect(typeName("constructor")).toBe("constructor");
  });

  test("that this console does not know are called as the server calls them", () => {
    expect(typeName("novel.thing")).toBe("novel.thing");
    expect(typeOptions(["novel.thing"])).toEqual([
      { group: "novel", items: [{ value: "novel.thing", label: "novel.thing" }] },
    ]);
  });
});

describe("anchors", () => {
  const sent = vi.fn<(request: Request) => Promise<Response>>();

  beforeEach(() => {
    sent.mockReset();
    globalThis.fetch = sent as unknown as typeof fetch;
  });

  test("are all checkpoints, page after page", async () => {
    const told = vi.fn();
    const link = { link: '</api/v1/audit/checkpoints?cursor=abc>; rel="next"' };
    sent.mockResolvedValueOnce(Response.json({ items: [{ token: "a" }, { token: "b" }] }, { headers: link }));
    sent.mockResolvedValueOnce(Response.json({ items: [{ token: "c" }] }));

    const tokens = await everyCheckpoint(told, new AbortController().signal);

    expect(tokens).toEqual(["a", "b", "c"]);
    expect(told.mock.calls).toEqual([[2], [3]]);
    expect(new URL(sent.mock.calls[1]?.[0].url ?? "").searchParams.get("cursor")).toBe("abc");
  });

  test("are not given in part", async () => {
    const link = { link: '</api/v1/audit/checkpoints?cursor=abc>; rel="next"' };
    sent.mockResolvedValueOnce(Response.json({ items: [{ token: "a" }] }, { headers: link }));
    sent.mockRejectedValueOnce(new TypeError("network"));

    await expect(everyCheckpoint(vi.fn(), new AbortController().signal)).rejects.toMatchObject({
      code: "unreachable",
    });
  });
});
