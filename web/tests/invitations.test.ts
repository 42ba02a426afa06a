// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { secretIn } from "@/features/invitations/secret";

test("the secret of an invitation is read from behind the mark, with or without it", () => {
  expect(secretIn("#invitation=9LuX_a-b")).toBe("9LuX_a-b");
  expect(secretIn("invitation=9LuX_a-b")).toBe("9LuX_a-b");
});

test("an address without an invitation has no secret", () => {
  expect(secretIn("")).toBe("");
  expect(secretIn("#content")).toBe("");
});
