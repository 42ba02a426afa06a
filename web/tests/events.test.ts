// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import type { components } from "@/api";
import { countNew, entriesOf } from "@/features/events/feed";
import type { Heard, LiveEvent } from "@/live";

const DIGEST = `sha256:${"0a".repeat(32)}`;
const AT = "2026-01-01T12:00:00.000Z";
const ALL = { project: "", type: "" };
const MOVED: LiveEvent = {
  type: "tag.moved",
  id: "2",
  occurred_at: AT,
  repository: "team/app",
  tag: "1.0",
  digest: DIGEST,
  principal: "user:ada",
};

function heard(...events: LiveEvent[]): { changes: Heard[]; pulls: Heard[] } {
  return { changes: events.map((event, index) => ({ event, heardAt: 100 - index })), pulls: [] };
}

function kinds(entries: { kind: string }[]): string[] {
  return entries.map((entry) => entry.kind);
}

const BEFORE: components["schemas"]["RecentItem"] = {
  at: "2026-01-01T11:00:00.000Z",
  kind: "tag.deleted",
  repository: "other/app",
  tag: "old",
  digest: null,
  previous: DIGEST,
  by: "user:bob",
  cause: "retention",
};

describe("entriesOf", () => {
  test("what was heard comes before what changed earlier", () => {
    expect(kinds(entriesOf(heard(MOVED), [BEFORE], ALL))).toEqual(["tag.created", "tag.deleted"]);
  });

  test("a change that was heard too is one line", () => {
    const same = { ...BEFORE, ...MOVED, at: "2026-01-01T11:59:59.990Z", kind: "tag.moved" as const };

    expect(
      entriesOf(heard(MOVED), [{ ...same, tag: "1.0", digest: DIGEST, previous: null }], ALL),
    ).toHaveLength(1);
  });

  test("a push under a tag is one line, unless pushes are asked for", () => {
    const pushed = { ...MOVED, type: "manifest.pushed", id: "1" };

    expect(kinds(entriesOf(heard(MOVED, pushed), [], ALL))).toEqual(["tag.created"]);
    expect(kinds(entriesOf(heard(MOVED, pushed), [], { ...ALL, type: "manifest.pushed" }))).toEqual([
      "manifest.pushed",
    ]);
  });

  test("a tag that pointed at something else was moved", () => {
    expect(kinds(entriesOf(heard({ ...MOVED, previous_digest: "sha256:00" }), [], ALL))).toEqual([
      "tag.moved",
    ]);
  });

  test("only what is about a project is shown when one is asked for", () => {
    const entries = entriesOf(heard(MOVED), [BEFORE], { ...ALL, project: "other" });

    expect(kinds(entries)).toEqual(["tag.deleted"]);
  });

  test("a break of the connection shows where something may be missing", () => {
    expect(
      kinds(entriesOf(heard(MOVED, { type: "reset", occurred_at: "2026-01-01T11:30:00Z" }), [BEFORE], ALL)),
    ).toEqual(["tag.created", "gap", "tag.deleted"]);
  });

  test("pulls are shown when they are asked for, and not what was only looked at", () => {
    const use = { repository: "team/app", digest: DIGEST, is_pull: true, count: 3 };
    const event = { type: "content.used", id: "3", occurred_at: AT, uses: [use, { ...use, is_pull: false }] };
    const recent = { changes: [], pulls: [{ event, heardAt: 1 }] };

    expect(entriesOf(recent, [BEFORE], ALL)).toHaveLength(1);
    expect(entriesOf(recent, [BEFORE], { ...ALL, type: "content.used" })).toMatchObject([{ count: 3 }]);
  });
});

test("only lines that were not there before are counted", () => {
  const before = entriesOf(heard(MOVED), [], ALL);
  const now = entriesOf(heard({ ...MOVED, id: "9", tag: "2.0" }, MOVED), [], ALL);

  expect(countNew(now, before)).toBe(1);
});
