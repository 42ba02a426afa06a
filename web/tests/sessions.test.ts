// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { browserOf } from "@/features/sessions/agent";
import { safeTarget } from "@/features/sessions/target";
import { codeProof } from "@/shell/proof";

test.each([
  ["/projects/team?tab=members", "/projects/team?tab=members"],
  [undefined, "/"],
  ["", "/"],
  ["//example.org/", "/"],
  ["/\\example.org/", "/"],
  ["/\t/example.org/", "/"],
  ["https://example.org/", "/"],
  ["javascript:alert(1)", "/"],
  ["/login?to=/login", "/"],
])("after a login that was to lead to %s one gets to %s", (to, target) => {
  expect(safeTarget(to)).toBe(target);
});

test.each([
  ["Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox 140, Linux"],
  [
    "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML) Chrome/138.0 Safari/537.36 Edg/138.0",
    "Edge 138, Windows",
  ],
  [
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605 Version/18.5 Safari/605",
    "Safari 18, macOS",
  ],
  ["curl/8.9", ""],
])("%s is %s", (agent, name) => {
  expect(browserOf(agent)).toBe(name);
});

test.each([
  ["123 456", "totp"],
  ["123456", "totp"],
  ["7Q2M-0XKD-VT5H-93ZC", "recovery_code"],
])("%s is taken for a %s", (code, method) => {
  expect(codeProof(code)).toEqual({ method, code });
});
