// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import {
  asOpensslPrints,
  CLIENTS,
  type Client,
  type Facts,
  nameAndTag,
  quoted,
  type StepName,
  stepsFor,
} from "@/features/guide/commands";

const SHA = `sha256:${"0a".repeat(32)}`;
const TLS: Facts = {
  address: "registry.example",
  isPlainHttp: false,
  isLoopback: false,
  authority: null,
  user: "ada",
  project: "team",
  image: "",
};
const OWN_AUTHORITY: Facts = {
  ...TLS,
  address: "registry.lan:5000",
  authority: { url: "https://registry.lan:5000/tls/ca.crt", sha256: SHA },
};
const LOOPBACK: Facts = { ...TLS, address: "127.0.0.1:5000", isPlainHttp: true, isLoopback: true };
const PLAIN: Facts = { ...LOOPBACK, address: "registry.lan:5000", isLoopback: false };

function typed(client: Client, facts: Facts, name: StepName): string {
  const step = stepsFor(client, facts).find((each) => each.name === name);
  return (step?.blocks ?? []).flatMap((block) => block.text || []).join("\n");
}

function names(client: Client, facts: Facts): StepName[] {
  return stepsFor(client, facts).map((step) => step.name);
}

describe("with a certificate that everybody trusts", () => {
  test.each<[Client, string, string, string]>([
    [
      "docker",
      "docker login -u ada registry.example",
      "docker tag my-image registry.example/team/my-image:1.0\ndocker push registry.example/team/my-image:1.0",
      "docker rmi registry.example/team/my-image:1.0\ndocker pull registry.example/team/my-image:1.0",
    ],
    [
      "podman",
      "podman login -u ada registry.example",
      "podman push my-image registry.example/team/my-image:1.0",
      "podman pull registry.example/team/my-image:1.0",
    ],
    [
      "skopeo",
      "skopeo login -u ada registry.example",
      "skopeo copy containers-storage:localhost/my-image:latest docker://registry.example/team/my-image:1.0",
      "skopeo copy docker://registry.example/team/my-image:1.0 oci:pulled",
    ],
    [
      "helm",
      "helm registry login -u ada registry.example",
      "helm create hello\nhelm package hello\nhelm push hello-0.1.0.tgz oci://registry.example/team",
      "helm pull oci://registry.example/team/hello --version 0.1.0",
    ],
    [
      "oras",
      "oras login -u ada registry.example",
      "echo hello > hello.txt\noras push registry.example/team/hello:1.0 hello.txt:text/plain",
      "oras pull --output pulled registry.example/team/hello:1.0",
    ],
    [
      "nerdctl",
      "sudo nerdctl login -u ada registry.example",
      "sudo nerdctl tag my-image registry.example/team/my-image:1.0\nsudo nerdctl push registry.example/team/my-image:1.0",
      "sudo nerdctl pull registry.example/team/my-image:1.0",
    ],
    [
      "ctr",
      "",
      "sudo ctr images tag docker.io/library/my-image:latest registry.example/team/my-image:1.0\nsudo ctr images push --user ada registry.example/team/my-image:1.0",
      "sudo ctr images pull --user ada registry.example/team/my-image:1.0",
    ],
  ])("%s needs no flag", (client, logIn, push, pull) => {
    expect(names(client, TLS)).toEqual(["logIn", "push", "pull"]);
    expect(typed(client, TLS, "logIn")).toBe(logIn);
    expect(typed(client, TLS, "push")).toBe(push);
    expect(typed(client, TLS, "pull")).toBe(pull);
  });
});

describe("with plain HTTP", () => {
  test.each<[Client, string, string, string]>([
    ["podman", "--tls-verify=false", "--tls-verify=false", "--tls-verify=false"],
    ["skopeo", "--tls-verify=false", "--dest-tls-verify=false", "--src-tls-verify=false"],
    ["helm", "--plain-http", "--plain-http", "--plain-http"],
    ["oras", "--plain-http", "--plain-http", "--plain-http"],
    ["nerdctl", "--insecure-registry", "--insecure-registry", "--insecure-registry"],
    ["ctr", "", "--plain-http", "--plain-http"],
  ])("%s is told so in every command, on loopback too", (client, logIn, push, pull) => {
    for (const facts of [LOOPBACK, PLAIN]) {
      expect(typed(client, facts, "logIn")).toContain(logIn);
      expect(typed(client, facts, "push")).toContain(` ${push} `);
      expect(typed(client, facts, "pull")).toContain(` ${pull} `);
    }
  });

  test("docker takes it on loopback as it is", () => {
    expect(names("docker", LOOPBACK)).toEqual(["logIn", "push", "pull"]);
    expect(typed("docker", LOOPBACK, "push")).not.toContain("--");
  });

  test("docker's daemon has to be told beyond loopback", () => {
    const [setting, reload] = typed("docker", PLAIN, "trust").split("\nsudo ");

    expect(JSON.parse(setting ?? "")).toEqual({ "insecure-registries": ["registry.lan:5000"] });
    expect(reload).toBe("systemctl reload docker");
  });
});

describe("with an authority of the registry's own", () => {
  test.each<[Client, string]>([
    ["docker", "docker"],
    ["podman", "podman"],
    ["skopeo", "podman"],
    ["helm", "helm"],
    ["oras", "helm"],
    ["nerdctl", "containerd"],
    ["ctr", "containerd"],
  ])("%s is made to trust it by one command", (client, name) => {
    expect(typed(client, OWN_AUTHORITY, "trust")).toBe(
      `sudo entrepot trust https://registry.lan:5000 --fingerprint ${SHA} --for ${name}`,
    );
  });

  test.each<[Client, string]>([
    ["docker", "/etc/docker/certs.d/registry.lan:5000/ca.crt"],
    ["podman", "/etc/containers/certs.d/registry.lan:5000/ca.crt"],
    ["skopeo", "/etc/containers/certs.d/registry.lan:5000/ca.crt"],
    ["helm", "/usr/local/share/ca-certificates/"],
    ["oras", "/usr/local/share/ca-certificates/"],
    ["nerdctl", "/etc/containerd/certs.d/registry.lan:5000/hosts.toml"],
    ["ctr", "/etc/containerd/certs.d/registry.lan:5000/hosts.toml"],
  ])("%s finds it where it looks when it is put there by hand", (client, place) => {
    const byHand = stepsFor(client, OWN_AUTHORITY)[0]?.otherwise.map((block) => block.text) ?? [];

    expect(byHand[0]).toContain("https://registry.lan:5000/tls/ca.crt");
    expect(byHand.at(-1)).toContain(place);
  });

  test("ctr is told where it was put", () => {
    expect(typed("ctr", OWN_AUTHORITY, "pull")).toContain("--hosts-dir /etc/containerd/certs.d");
    expect(typed("ctr", TLS, "pull")).not.toContain("--hosts-dir");
  });

  test("its fingerprint is shown as openssl prints it", () => {
    expect(asOpensslPrints("sha256:0aff10")).toBe("0A:FF:10");
  });
});

test.each(CLIENTS.filter((client) => client !== "ctr"))("%s reads a token from its input", (client) => {
  const text = typed(client, { ...LOOPBACK, token: "ent_1" }, "logIn");

  expect(text).toMatch(/^echo ent_1 \|\n\s+/);
  expect(text).toMatch(/ -u ada --password-stdin 127\.0\.0\.1:5000$/);
});

test("ctr is never given a token where other users of the machine see it", () => {
  for (const { blocks } of stepsFor("ctr", { ...LOOPBACK, token: "ent_1" })) {
    for (const { text } of blocks) expect(text).not.toContain("ent_1");
  }
});

test("what the user calls the image stands in the commands, as a shell reads it", () => {
  expect(typed("docker", { ...TLS, image: "my app:2" }, "push")).toBe(
    "docker tag 'my app:2' registry.example/team/my-app:2\ndocker push registry.example/team/my-app:2",
  );
});

test.each([
  ["my-image", "my-image:1.0"],
  ["my-image:latest", "my-image:1.0"],
  ["my-image:2.3", "my-image:2.3"],
  ["ghcr.example/some/App_x:v1", "app_x:v1"],
  ["localhost:5000/app", "app:1.0"],
  [`team/app@${SHA}`, "app:1.0"],
  ["docker-daemon:app:3", "app:3"],
  ["oci:layout:app", "layout:app"],
  ["docker-archive:build/app.tar", "app.tar:1.0"],
  ["containers-storage:localhost/app:1", "app:1"],
  ["..", "my-image:1.0"],
])("%s becomes %s", (image, expected) => {
  expect(nameAndTag(image)).toBe(expected);
});

test.each([
  ["my-image:1.0", "my-image:1.0"],
  ["[::1]:5000", "'[::1]:5000'"],
  ["$(rm -rf ~)", "'$(rm -rf ~)'"],
  ["it's", "'it'\\''s'"],
])("%s is quoted as %s", (word, expected) => {
  expect(quoted(word)).toBe(expected);
});
