// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { parseSearch, stringifySearch } from "@/shell/search";

test.each(["1.20", "true", "null", "a b&c=d", '"x"', "ü/+"])(
  "a typed %s comes back from the address as it is",
  (typed) => {
    expect(parseSearch(stringifySearch({ filter: typed }))).toEqual({ filter: typed });
  },
);

test("what is empty is not in the address", () => {
  expect(stringifySearch({ tab: undefined, filter: "", sort: null })).toBe("");
});
