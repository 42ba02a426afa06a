// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { DAY_MS, filled, HOUR_MS, lastDays } from "@/features/usage/series";

test("hours in which nothing happened are in the chart", () => {
  const span = {
    since: new Date("2026-11-21T10:20:00Z"),
    until: new Date("2026-11-21T13:00:00Z"),
    stepMs: HOUR_MS,
  };
  const points = filled([{ at: "2026-11-21T11:00:00Z", pulls: 3 }], span, ({ pulls }) => pulls);
  expect(points.map(({ at, value }) => [at.getUTCHours(), value])).toEqual([
    [10, 0],
    [11, 3],
    [12, 0],
  ]);
});

test("days are those of the server, and today is among them", () => {
  const { since, until, stepMs } = lastDays(30, new Date("2026-11-21T23:59:00Z"));
  expect(until).toEqual(new Date("2026-11-22T00:00:00Z"));
  expect((until.getTime() - since.getTime()) / DAY_MS).toBe(30);
  expect(stepMs).toBe(DAY_MS);
});
