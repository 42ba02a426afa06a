// SPDX-License-Identifier: Apache-2.0
import { expect, test } from "vitest";
import { termsOf } from "@/features/robots/ExpiryField";
import { loginLine } from "@/features/robots/logins";

const ROBOT = { name: "team.ci", secret: "ent_secret" };

test("a robot logs in without flags where there is TLS", () => {
  const registry = { address: "registry.example", isPlain: false };

  expect(loginLine("podman", registry, ROBOT)).toBe(
    "echo ent_secret | podman login registry.example --username team.ci --password-stdin",
  );
});

test("podman has to be told of plain HTTP, and docker cannot be", () => {
  const registry = { address: "127.0.0.1:5000", isPlain: true };

  expect(loginLine("podman", registry, ROBOT)).toContain("podman login --tls-verify=false 127.0.0.1:5000 ");
  expect(loginLine("docker", registry, ROBOT)).toContain("docker login 127.0.0.1:5000 ");
});

test("a secret has either a number of days or no end", () => {
  expect(termsOf("30")).toEqual({ expires_in_days: 30, never_expires: false });
  expect(termsOf("never")).toEqual({ never_expires: true });
});
