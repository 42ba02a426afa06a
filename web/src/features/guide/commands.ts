// SPDX-License-Identifier: Apache-2.0
/** The commands that bring an artifact into this registry and back, for each client. Pure: facts in, lines out. */

export const CLIENTS = ["docker", "podman", "skopeo", "helm", "oras", "nerdctl", "ctr"] as const;
export type Client = (typeof CLIENTS)[number];

export interface Facts {
  /** What the names of images begin with: host, and port if there is one. */
  address: string;
  isPlainHttp: boolean;
  /** Whether the address means the machine that the client runs on. */
  isLoopback: boolean;
  /** The registry's own authority, if its certificate is of one: where it is, and `sha256:` and hex. */
  authority: { url: string; sha256: string } | null;
  user: string;
  project: string;
  /** A personal token, once there is one. */
  token?: string;
  /** What the user calls the image to push; what the client would call one made as the guide says, if empty. */
  image: string;
}

/** What a block of commands is about; `words.guide.about` says it. */
export type About =
  | "insecureDaemon"
  | "reloadDaemon"
  | "trust"
  | "fetchAuthority"
  | "placeAuthority"
  | "placeInSystem"
  | "placeHosts"
  | "logIn"
  | "logInWithToken"
  | "noLogin"
  | "sharedLogin"
  | "makeImage"
  | "importImage"
  | "makeFile"
  | "makeChart"
  | "push"
  | "pushAsking"
  | "pull"
  | "pullAsking";

export interface Block {
  about: About;
  /** Empty where there is nothing to type. */
  text: string;
}

export type StepName = "trust" | "logIn" | "push" | "pull";

export interface Step {
  name: StepName;
  blocks: Block[];
  /** What does the same in another way. */
  otherwise: Block[];
}

/** Where the files for a registry are, for each client that has a folder of its own for them. */
const FOLDERS: Partial<Record<Client, string>> = {
  docker: "/etc/docker/certs.d",
  podman: "/etc/containers/certs.d",
  skopeo: "/etc/containers/certs.d",
  nerdctl: "/etc/containerd/certs.d",
  ctr: "/etc/containerd/certs.d",
};

/** What `entrepot trust --for` calls the client, or the one that looks at the same place. */
const TRUSTED_FOR: Record<Client, string> = {
  docker: "docker",
  podman: "podman",
  skopeo: "podman",
  helm: "helm",
  oras: "helm",
  nerdctl: "containerd",
  ctr: "containerd",
};

const SUGGESTED_IMAGE: Partial<Record<Client, string>> = {
  docker: "my-image",
  podman: "my-image",
  skopeo: "containers-storage:localhost/my-image:latest",
  nerdctl: "my-image",
  ctr: "docker.io/library/my-image:latest",
};

/** The image that is pushed unless the user names one; undefined for clients that push something else. */
export function suggestedImage(client: Client): string | undefined {
  return SUGGESTED_IMAGE[client];
}

/** Return the steps in order. Where clients trust the registry as it is, there is no step for that. */
export function stepsFor(client: Client, facts: Facts): Step[] {
  const trust = trustStep(client, facts);
  return [
    ...(trust ? [trust] : []),
    logInStep(client, facts),
    pushStep(client, facts),
    pullStep(client, facts),
  ];
}

function trustStep(client: Client, facts: Facts): Step | undefined {
  if (facts.authority) {
    const by = `sudo entrepot trust https://${quoted(facts.address)} --fingerprint ${facts.authority.sha256}`;
    const text = `${by} --for ${TRUSTED_FOR[client]}`;
    return {
      name: "trust",
      blocks: [{ about: "trust", text }],
      otherwise: trustByHand(client, facts.address, facts.authority),
    };
  }
  if (client !== "docker" || !facts.isPlainHttp || facts.isLoopback) return undefined;
  const setting = JSON.stringify({ "insecure-registries": [facts.address] }, null, 2);
  const blocks: Block[] = [
    { about: "insecureDaemon", text: setting },
    { about: "reloadDaemon", text: "sudo systemctl reload docker" },
  ];
  return { name: "trust", blocks, otherwise: [] };
}

function trustByHand(client: Client, address: string, authority: { url: string; sha256: string }): Block[] {
  const file = "entrepot-ca.crt";
  const fetched = [
    `curl -fsSk -o ${file} ${quoted(authority.url)}`,
    `openssl x509 -in ${file} -noout -fingerprint -sha256`,
  ];
  const blocks: Block[] = [{ about: "fetchAuthority", text: fetched.join("\n") }];
  const parent = FOLDERS[client];
  if (!parent) {
    const place = `sudo cp ${file} /usr/local/share/ca-certificates/`;
    return [...blocks, { about: "placeInSystem", text: `${place}\nsudo update-ca-certificates` }];
  }
  const folder = `${parent}/${address}`;
  const placed = `sudo install -D -m 644 ${file} ${quoted(folder)}/ca.crt`;
  if (parent !== "/etc/containerd/certs.d") return [...blocks, { about: "placeAuthority", text: placed }];
  const hosts = [
    `sudo tee ${quoted(folder)}/hosts.toml <<'END'`,
    `server = "https://${address}"`,
    "",
    `[host."https://${address}"]`,
    `  ca = "${folder}/ca.crt"`,
    "END",
  ];
  return [...blocks, { about: "placeHosts", text: [placed, ...hosts].join("\n") }];
}

/** The fingerprint as openssl prints it: `AB:CD:…`. */
export function asOpensslPrints(sha256: string): string {
  const hex = sha256.slice(sha256.indexOf(":") + 1).toUpperCase();
  return hex.match(/../g)?.join(":") ?? hex;
}

function logInStep(client: Client, facts: Facts): Step {
  if (client === "ctr") return { name: "logIn", blocks: [{ about: "noLogin", text: "" }], otherwise: [] };
  const log = line(...logInCommand(client), ...flags(client, facts, "login"), "-u", facts.user);
  const block: Block = facts.token
    ? {
        about: "logInWithToken",
        text: `echo ${facts.token} |\n  ${log} --password-stdin ${quoted(facts.address)}`,
      }
    : { about: "logIn", text: `${log} ${quoted(facts.address)}` };
  const isShared = client === "podman" || client === "skopeo";
  const blocks: Block[] = isShared ? [{ about: "sharedLogin", text: "" }, block] : [block];
  return { name: "logIn", blocks, otherwise: [] };
}

function logInCommand(client: Client): string[] {
  if (client === "helm") return ["helm", "registry", "login"];
  if (client === "nerdctl") return ["sudo", "nerdctl"];
  return [client, "login"];
}

/** The flags for plain HTTP, and for a certificate in a folder that is not looked at by itself. */
function flags(client: Client, facts: Facts, act: "login" | "push" | "pull"): string[] {
  if (client === "nerdctl") return [...(facts.isPlainHttp ? ["--insecure-registry"] : []), act];
  if (client === "ctr" && facts.authority) return ["--hosts-dir", "/etc/containerd/certs.d"];
  if (!facts.isPlainHttp || client === "docker") return [];
  if (client === "podman") return ["--tls-verify=false"];
  if (client === "skopeo") {
    return [
      { login: "--tls-verify=false", push: "--dest-tls-verify=false", pull: "--src-tls-verify=false" }[act],
    ];
  }
  return ["--plain-http"];
}

function pushStep(client: Client, facts: Facts): Step {
  const own = flags(client, facts, "push");
  const target = targetOf(client, facts);
  const source = quoted(facts.image || (suggestedImage(client) ?? ""));
  const step = (about: About, lines: string[], ...otherwise: Block[]): Step => ({
    name: "push",
    blocks: [{ about, text: lines.join("\n") }],
    otherwise,
  });
  switch (client) {
    case "docker":
      return step("push", [`docker tag ${source} ${target}`, `docker push ${target}`], tinyImage(client));
    case "podman":
      return step("push", [line("podman", "push", ...own, source, target)], tinyImage(client));
    case "skopeo":
      return step(
        "push",
        [line("skopeo", "copy", ...own, source, `docker://${target}`)],
        tinyImage("podman"),
      );
    case "nerdctl":
      return step("push", [`sudo nerdctl tag ${source} ${target}`, line("sudo", "nerdctl", ...own, target)]);
    case "ctr": {
      const push = line("sudo", "ctr", "images", "push", ...own, "--user", facts.user, target);
      return step("pushAsking", [`sudo ctr images tag ${source} ${target}`, push], IMPORTED);
    }
    case "helm": {
      const push = line("helm", "push", ...own, `${CHART}-${CHART_VERSION}.tgz`, `oci://${folderOf(facts)}`);
      return step("makeChart", [`helm create ${CHART}`, `helm package ${CHART}`, push]);
    }
    case "oras":
      return step("makeFile", [
        "echo hello > hello.txt",
        line("oras", "push", ...own, target, "hello.txt:text/plain"),
      ]);
  }
}

const CHART = "hello";
const CHART_VERSION = "0.1.0";

/** An image that another client has, for those that make none. */
const IMPORTED: Block = { about: "importImage", text: "docker save my-image | sudo ctr images import -" };

/** An image made of nothing but a file, for whoever has none. */
function tinyImage(client: "docker" | "podman"): Block {
  const text = `echo hello > hello.txt\ntar -c hello.txt | ${client} import - my-image`;
  return { about: "makeImage", text };
}

function pullStep(client: Client, facts: Facts): Step {
  const own = flags(client, facts, "pull");
  const target = targetOf(client, facts);
  const block = pullBlock(client, facts, own, target);
  return { name: "pull", blocks: [block], otherwise: [] };
}

function pullBlock(client: Client, facts: Facts, own: string[], target: string): Block {
  switch (client) {
    case "docker":
      return { about: "pull", text: `docker rmi ${target}\ndocker pull ${target}` };
    case "podman":
      return { about: "pull", text: `podman pull ${line(...own, target)}` };
    case "skopeo":
      return { about: "pull", text: line("skopeo", "copy", ...own, `docker://${target}`, "oci:pulled") };
    case "nerdctl":
      return { about: "pull", text: line("sudo", "nerdctl", ...own, target) };
    case "ctr":
      return {
        about: "pullAsking",
        text: line("sudo", "ctr", "images", "pull", ...own, "--user", facts.user, target),
      };
    case "helm": {
      const chart = `oci://${folderOf(facts)}/${CHART}`;
      return { about: "pull", text: line("helm", "pull", ...own, chart, "--version", CHART_VERSION) };
    }
    case "oras":
      return { about: "pull", text: line("oras", "pull", ...own, "--output", "pulled", target) };
  }
}

function folderOf(facts: Facts): string {
  return `${quoted(facts.address)}/${facts.project}`;
}

/** What the artifact is called in the registry: `registry.example/team/my-image:1.0`. */
function targetOf(client: Client, facts: Facts): string {
  if (!suggestedImage(client)) return `${folderOf(facts)}/hello:1.0`;
  return `${folderOf(facts)}/${nameAndTag(facts.image || (suggestedImage(client) ?? ""))}`;
}

const NO_NAME = "my-image";
const FIRST_TAG = "1.0";

/** The last part of an image's name, as a repository may be called, with its tag unless that says nothing. */
export function nameAndTag(image: string): string {
  const last = image.replace(/@.*$/, "").split("/").at(-1) ?? "";
  // What stands before the first colon may be a transport, such as `docker-daemon:`, where there is no slash.
  const parts = last.split(":").filter(Boolean);
  const isTransport = parts.length > 1 && TRANSPORTS.has(parts[0] ?? "");
  const [name = "", tag = ""] = isTransport ? parts.slice(1) : parts;
  const repository = name
    .toLowerCase()
    .replace(/[^a-z0-9._-]+|[._-]{2,}/g, "-")
    .replace(/^[._-]+|[._-]+$/g, "");
  const isTelling = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/.test(tag) && tag !== "latest";
  return `${repository || NO_NAME}:${isTelling ? tag : FIRST_TAG}`;
}

const TRANSPORTS = new Set([
  "containers-storage",
  "dir",
  "docker",
  "docker-archive",
  "docker-daemon",
  "oci",
  "oci-archive",
]);

/** A word as a shell reads it. */
export function quoted(word: string): string {
  return /^[A-Za-z0-9._:/@=+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function line(...wordsOfIt: string[]): string {
  return wordsOfIt.filter(Boolean).join(" ");
}
