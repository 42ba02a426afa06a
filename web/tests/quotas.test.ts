// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { formatAmount, formatSize, parseSize, percentOf, stateOf, worst } from "@/features/quotas/fill";

const USED = { bytes: 90, artifacts: 3, repositories: 1, tags: 5 };

test("percent are whole and rounded down, and of nothing all is used", () => {
  expect([percentOf(999, 1000), percentOf(1000, 1000), percentOf(0, 0), percentOf(5, 0)]).toEqual([
    99, 100, 100, 100,
  ]);
});

test("a resource is near its limit from the first threshold on, and full at the limit", () => {
  expect([79, 80, 99, 100, 120].map((each) => stateOf(each, [80, 95]))).toEqual([
    "free",
    "near",
    "near",
    "full",
    "full",
  ]);
  expect(stateOf(99, [])).toBe("free");
});

test("the resource that is nearest to its limit decides, and one without a limit does not", () => {
  expect(worst(USED, { bytes: 1000, tags: 5 }, [80])).toBe("full");
  expect(worst(USED, { bytes: 100, tags: null }, [80])).toBe("near");
  expect(worst(USED, {}, [80])).toBe("free");
});

test("amounts are shown as quotas are set: decimal, and less than all is never shown as all", () => {
  expect([0, 999, 1500, 9_999_999_999, 250_700_000].map((each) => formatAmount("bytes", each))).toEqual([
    "0 B",
    "999 B",
    "1.5 kB",
    "9.99 GB",
    "250 MB",
  ]);
  expect(formatAmount("tags", 12_345)).toBe("12,345");
});

test("sizes are read as the command line reads them", () => {
  expect(["50GB", "1.5 TiB", "1000", " 2k ", "0"].map(parseSize)).toEqual([
    50_000_000_000, 1_649_267_441_664, 1000, 2000, 0,
  ]);
  expect(parseSize("")).toBeNull();
  for (const wrong of ["fifty", "-1", "1.5", "5 XB", "9999999PB"]) expect(parseSize(wrong)).toBeUndefined();
});

test("a size is written so that it is read as the same", () => {
  expect([null, 0, 999, 50_000_000_000, 1_649_267_441_664].map(formatSize)).toEqual([
    "",
    "0B",
    "999B",
    "50GB",
    "1649267441664B",
  ]);
  for (const bytes of [1, 1000, 1024, 123_456_789, 5_000_000_000_000_000])
    expect(parseSize(formatSize(bytes))).toBe(bytes);
});
