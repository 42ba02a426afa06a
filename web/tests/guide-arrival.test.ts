// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import type { components } from "@/api";
import { heardArrival, isPulled, newArrival } from "@/features/guide/arrival";
import type { Heard } from "@/live";

const DIGEST = `sha256:${"0a".repeat(32)}`;
const ADA = "user:ada";
const ARRIVAL = { repository: "team/app", tag: "1.0", digest: DIGEST };

function pushed(heardAt: number, principal = ADA): Heard {
  return { heardAt, event: { ...ARRIVAL, type: "tag.moved", principal } };
}

function change(at: string, by = ADA): components["schemas"]["RecentItem"] {
  return { ...ARRIVAL, at, by, kind: "tag.moved", previous: null, cause: "user" };
}

function used(heardAt: number, use: Partial<{ is_pull: boolean; digest: string }> = {}): Heard {
  const { repository, digest } = ARRIVAL;
  const uses = [{ repository, digest, is_pull: true, count: 1, ...use }];
  return { heardAt, event: { type: "content.used", uses } };
}

test("a push of the viewer that is heard has arrived", () => {
  expect(heardArrival([pushed(20)], ADA, 10)).toEqual({ ...ARRIVAL, heardAt: 20 });
});

test("pushes of others, and those from before, have not", () => {
  expect(heardArrival([pushed(20, "user:bob"), pushed(5)], ADA, 10)).toBeUndefined();
});

test("a change that was not there before has arrived, heard or not", () => {
  const before = [change("2026-01-01T00:00:00Z")];

  expect(newArrival([change("2026-01-02T00:00:00Z"), ...before], before, ADA)).toEqual(ARRIVAL);
  expect(newArrival(before, before, ADA)).toBeUndefined();
  expect(newArrival([change("2026-01-02T00:00:00Z", "user:bob")], before, ADA)).toBeUndefined();
});

test("a client that has all of it only looks, and not before it has pushed", () => {
  const arrival = { ...ARRIVAL, heardAt: 15 };

  expect(isPulled([used(16, { is_pull: false })], arrival, 10)).toBe(false);
  expect(isPulled([used(2_015, { is_pull: false })], arrival, 10)).toBe(true);
});

test("only a pull of what arrived, and none from before, counts as one", () => {
  expect(isPulled([used(20)], ARRIVAL, 10)).toBe(true);
  expect(isPulled([used(12)], { ...ARRIVAL, heardAt: 15 }, 10)).toBe(false);
  expect(isPulled([used(20, { digest: "sha256:00" })], ARRIVAL, 10)).toBe(false);
  expect(isPulled([used(5)], ARRIVAL, 10)).toBe(false);
});
