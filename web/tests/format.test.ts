// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatBytes, formatDay, formatSince, shortDigest } from "@/ui/format";

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KiB"],
  [1536, "1.5 KiB"],
  [10 * 1024 * 1024 + 300_000, "10.3 MiB"],
  [2 ** 40 * 250, "250 TiB"],
])("%d bytes are %s", (bytes, shown) => {
  expect(formatBytes(bytes)).toBe(shown);
});

test.each([
  ["2026-11-21T12:00:00Z", "now"],
  ["2026-11-21T11:58:30Z", "1 minute ago"],
  ["2026-11-20T11:00:00Z", "yesterday"],
  ["2026-11-21T14:30:00Z", "in 2 hours"],
  ["2027-02-19T11:59:30Z", "in 3 months"],
])("%s is %s", (at, shown) => {
  expect(formatSince(new Date(at), new Date("2026-11-21T12:00:00Z"))).toBe(shown);
});

test("a day is shown without its time", () => {
  expect(formatDay(new Date("2026-11-21T12:00:00Z"))).toBe("Nov 21, 2026");
});

test("a digest is shortened behind its algorithm", () => {
  expect(shortDigest(`sha512:${"ab".repeat(64)}`)).toBe("sha512:abababababab");
});
