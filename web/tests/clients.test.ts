// SPDX-License-Identifier: Apache-2.0
import { describe, expect, test } from "vitest";
import { pullCommands, type Registry, type Wanted } from "@/features/artifacts/clients";

const TLS: Registry = { address: "registry.example", scheme: "https", needs_insecure_flag: false };
const LOOPBACK: Registry = { address: "127.0.0.1:5000", scheme: "http", needs_insecure_flag: false };
const PLAIN: Registry = { address: "registry.lan:5000", scheme: "http", needs_insecure_flag: true };
const MANIFEST = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const DIGEST = `sha256:${"0a".repeat(32)}`;
const IMAGE: Wanted = {
  repository: "team/app",
  digest: DIGEST,
  tag: "1.2",
  type: "image",
  mediaType: MANIFEST,
  parts: [],
};

function commands(registry: Registry, wanted: Partial<Wanted>): Record<string, string> {
  const all = pullCommands(registry, { ...IMAGE, ...wanted });
  return Object.fromEntries(all.map(({ client, text }) => [client, text]));
}

describe("an image", () => {
  test("is pulled without flags where there is TLS", () => {
    expect(commands(TLS, {})).toEqual({
      docker: "docker pull registry.example/team/app:1.2",
      podman: "podman pull registry.example/team/app:1.2",
      skopeo: "skopeo copy docker://registry.example/team/app:1.2 dir:app",
      crane: "crane pull --format=oci registry.example/team/app:1.2 app",
      oras: "oras cp registry.example/team/app:1.2 --to-oci-layout app",
      ctr: "ctr images pull registry.example/team/app:1.2",
    });
  });

  test("needs on loopback the flags of those clients that never try plain HTTP by themselves", () => {
    const { docker, podman, crane, ctr, oras, skopeo } = commands(LOOPBACK, {});

    expect(docker).toBe("docker pull 127.0.0.1:5000/team/app:1.2");
    expect(crane).not.toContain("--insecure");
    expect(podman).toContain(" --tls-verify=false ");
    expect(skopeo).toContain(" --src-tls-verify=false ");
    expect(oras).toContain(" --from-plain-http ");
    expect(ctr).toContain(" --plain-http ");
  });

  test("needs a setting of docker's daemon, and a flag of crane, beyond loopback", () => {
    const [docker] = pullCommands(PLAIN, IMAGE);

    expect(docker?.note).toBe("daemon");
    expect(commands(PLAIN, {}).crane).toContain(" --insecure ");
  });

  test("is asked for by digest where no tag is meant", () => {
    expect(commands(TLS, { tag: undefined }).docker).toBe(`docker pull registry.example/team/app@${DIGEST}`);
  });

  test("is copied with every platform if it is an index", () => {
    expect(commands(TLS, { type: "index", mediaType: INDEX }).skopeo).toContain(" --all ");
  });

  test("is offered to ctr with the name of whoever is asked for the password", () => {
    const ctr = pullCommands({ ...TLS, user: "alice" }, IMAGE).at(-1);

    expect(ctr?.text).toBe("ctr images pull --user=alice registry.example/team/app:1.2");
  });
});

describe("a chart", () => {
  test("is pulled by its version, in which helm writes a plus as an underscore", () => {
    const { helm } = commands(LOOPBACK, { type: "chart", repository: "team/web", tag: "1.4.2_build.7" });

    expect(helm).toBe("helm pull --plain-http oci://127.0.0.1:5000/team/web --version=1.4.2+build.7");
  });

  test("is installed under its own name", () => {
    const chart = { name: "web", version: "1.0.0" };

    expect(commands(TLS, { type: "chart", tag: "1.0.0", chart })["helm install"]).toBe(
      "helm install web oci://registry.example/team/app --version=1.0.0",
    );
  });
});

describe("another artifact", () => {
  test("is pulled by oras and skopeo, whatever it is", () => {
    expect(Object.keys(commands(TLS, { type: "other" }))).toEqual(["oras", "skopeo"]);
  });

  test("is copied by oras if it is an index, for that cannot be pulled as files", () => {
    expect(commands(TLS, { type: "other", mediaType: INDEX }).oras).toMatch(/^oras cp /);
  });

  test("is offered the client that made it, once", () => {
    const parts = ["application/vnd.cncf.openpolicyagent.config.v1+json"];
    const twice = [...parts, "application/vnd.cncf.openpolicyagent.policy.layer.v1+rego"];

    const all = pullCommands(TLS, { ...IMAGE, type: "policy_bundle", parts: twice });

    expect(all.map(({ client }) => client)).toEqual(["conftest", "oras", "skopeo"]);
  });

  test("is not offered a client that would refuse plain HTTP", () => {
    const parts = ["application/vnd.cncf.flux.config.v1+json"];

    expect(commands(LOOPBACK, { type: "configuration", parts }).flux).toBeUndefined();
    expect(commands(TLS, { type: "configuration", parts }).flux).toBeDefined();
  });

  test("that refers to something is shown with what to do with that", () => {
    const subject = `sha256:${"0b".repeat(32)}`;
    const wanted = { type: "signature", parts: ["application/vnd.cncf.notary.signature"], subject };

    const { notation, "oras discover": discover } = commands(LOOPBACK, wanted);

    expect(notation).toBe(`notation verify --insecure-registry 127.0.0.1:5000/team/app@${subject}`);
    expect(discover).toBe(`oras discover --plain-http 127.0.0.1:5000/team/app@${subject}`);
  });

  test("that is a signature of nothing known is not verified", () => {
    const parts = ["application/vnd.dev.cosign.simplesigning.v1+json"];

    expect(commands(TLS, { type: "signature", parts }).cosign).toBeUndefined();
  });
});
