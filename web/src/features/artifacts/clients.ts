// SPDX-License-Identifier: Apache-2.0
/** The commands by which clients get an artifact from this registry, with the flags that its address needs. */

import { isIndex } from "./mediaTypes";

/** What the server tells about its address. */
export interface Registry {
  address: string;
  scheme: "http" | "https";
  /** Plain HTTP beyond loopback: some clients refuse only that. */
  needs_insecure_flag: boolean;
  /** Who is asked for a password by clients that remember none. */
  user?: string;
}

export interface Wanted {
  repository: string;
  digest: string;
  /** Asked for by this tag; by the digest without one. */
  tag?: string;
  type: string;
  mediaType: string;
  /** Its own type and those of its layers: which tool made it. */
  parts: readonly string[];
  /** The digest that it refers to. */
  subject?: string | null;
  chart?: { name: string; version: string } | null;
}

export interface PullCommand {
  client: string;
  text: string;
  /** What has to be known or done besides. */
  note?: "daemon" | "login" | "subject";
}

interface Situation {
  registry: Registry;
  wanted: Wanted;
  /** Host, repository, and tag or digest. */
  reference: string;
  /** What the reference is called where it is put. */
  folder: string;
  /** The flag, where the registry speaks plain HTTP. */
  plain: (flag: string) => string;
  /** The flag, where it does so and is not on this machine. */
  insecure: (flag: string) => string;
}

type Recipe = (situation: Situation) => PullCommand;

/** Return the commands for an artifact, the best one first. */
export function pullCommands(registry: Registry, wanted: Wanted): PullCommand[] {
  const name = `${registry.address}/${wanted.repository}`;
  const situation: Situation = {
    registry,
    wanted,
    reference: wanted.tag ? `${name}:${wanted.tag}` : `${name}@${wanted.digest}`,
    folder: wanted.repository.split("/").at(-1) ?? "",
    plain: (flag) => (registry.scheme === "http" ? flag : ""),
    insecure: (flag) => (registry.needs_insecure_flag ? flag : ""),
  };
  return recipesFor(registry, wanted).map((recipe) => recipe(situation));
}

function recipesFor(registry: Registry, wanted: Wanted): Recipe[] {
  const { type, subject } = wanted;
  if (type === "image" || type === "index" || (type === "pending" && !subject))
    return [docker, podman, skopeo, crane, orasCopy, ctr];
  if (type === "chart") return [helmPull, helmInstall, orasPull, skopeo];
  const any = [isIndex(wanted.mediaType) ? orasCopy : orasPull, skopeo];
  return [...makersOf(registry, wanted), ...any, ...(subject ? [discover] : [])];
}

function line(...words: string[]): string {
  return words.filter(Boolean).join(" ");
}

const docker: Recipe = ({ reference, registry }) => ({
  client: "docker",
  text: line("docker pull", reference),
  note: registry.needs_insecure_flag ? "daemon" : undefined,
});

const podman: Recipe = ({ reference, plain }) => ({
  client: "podman",
  text: line("podman pull", plain("--tls-verify=false"), reference),
});

const skopeo: Recipe = ({ reference, plain, folder, wanted }) => {
  const all = isIndex(wanted.mediaType) ? "--all" : "";
  return {
    client: "skopeo",
    text: line("skopeo copy", all, plain("--src-tls-verify=false"), `docker://${reference}`, `dir:${folder}`),
  };
};

const crane: Recipe = ({ reference, insecure, folder }) => ({
  client: "crane",
  text: line("crane pull", insecure("--insecure"), "--format=oci", reference, folder),
});

const orasCopy: Recipe = ({ reference, plain, folder }) => ({
  client: "oras",
  text: line("oras cp", plain("--from-plain-http"), reference, "--to-oci-layout", folder),
});

const orasPull: Recipe = ({ reference, plain, folder }) => ({
  client: "oras",
  text: line("oras pull", plain("--plain-http"), `--output=${folder}`, reference),
});

const ctr: Recipe = ({ reference, plain, registry }) => ({
  client: "ctr",
  text: line(
    "ctr images pull",
    plain("--plain-http"),
    registry.user ? `--user=${registry.user}` : "",
    reference,
  ),
  note: "login",
});

/** Helm writes the `+` of a version as `_` in a tag, and takes it back by itself. */
function chartReference({ registry, wanted, reference }: Situation): string[] {
  if (!wanted.tag) return [`oci://${reference}`];
  const version = wanted.tag.replaceAll("_", "+");
  return [`oci://${registry.address}/${wanted.repository}`, `--version=${version}`];
}

const helmPull: Recipe = (situation) => ({
  client: "helm",
  text: line("helm pull", situation.plain("--plain-http"), ...chartReference(situation)),
});

const helmInstall: Recipe = (situation) => ({
  client: "helm install",
  text: line(
    "helm install",
    situation.plain("--plain-http"),
    situation.wanted.chart?.name ?? situation.folder,
    ...chartReference(situation),
  ),
});

function aboutSubject({ registry, wanted }: Situation): string {
  return `${registry.address}/${wanted.repository}@${wanted.subject}`;
}

const discover: Recipe = (situation) => ({
  client: "oras discover",
  text: line("oras discover", situation.plain("--plain-http"), aboutSubject(situation)),
  note: "subject",
});

const cosign: Recipe = (situation) => ({
  client: "cosign",
  text: line(
    "cosign verify",
    situation.plain("--allow-http-registry"),
    "--key=cosign.pub",
    aboutSubject(situation),
  ),
  note: "subject",
});

const notation: Recipe = (situation) => ({
  client: "notation",
  text: line("notation verify", situation.plain("--insecure-registry"), aboutSubject(situation)),
  note: "subject",
});

const VERIFYING: ReadonlySet<Recipe> = new Set([cosign, notation]);

interface Maker {
  /** How the media types of its artifacts, or of their layers, begin. */
  begins: string;
  recipe: Recipe;
  /** Whether it can be told that plain HTTP is meant. */
  isTlsOnly?: boolean;
}

/** A client that takes the reference as it is, behind a prefix of its own. */
function client(name: string, command: string, plainFlag = "", prefix = ""): Recipe {
  return ({ reference, plain }) => ({
    client: name,
    text: line(command, plainFlag && plain(plainFlag), `${prefix}${reference}`),
  });
}

const MAKERS: readonly Maker[] = [
  { begins: "application/vnd.dev.cosign.simplesigning.", recipe: cosign },
  { begins: "application/vnd.dev.cosign.artifact.sig.", recipe: cosign },
  { begins: "application/vnd.cncf.notary.signature", recipe: notation },
  { begins: "application/vnd.kitops.", recipe: client("kit", "kit pull", "--plain-http") },
  { begins: "application/vnd.cncf.model.", recipe: client("modctl", "modctl pull", "--plain-http") },
  { begins: "application/vnd.ollama.image.", recipe: client("ollama", "ollama pull", "--insecure") },
  {
    begins: "application/vnd.docker.ai.",
    recipe: client("docker model", "docker model pull"),
    isTlsOnly: true,
  },
  {
    begins: "application/vnd.cncf.openpolicyagent.",
    recipe: client("conftest", "conftest pull", "", "oci://"),
    isTlsOnly: true,
  },
  {
    begins: "application/vnd.cncf.flux.",
    recipe: client("flux", "flux pull artifact --output=.", "", "oci://"),
    isTlsOnly: true,
  },
];

/** The clients of whoever made the artifact, as far as they can talk to this registry. */
function makersOf(registry: Registry, wanted: Wanted): Recipe[] {
  const recipes = MAKERS.filter(({ begins }) => wanted.parts.some((part) => part.startsWith(begins)))
    .filter((maker) => !(maker.isTlsOnly && registry.scheme === "http"))
    .map((maker) => maker.recipe)
    .filter((recipe) => wanted.subject || !VERIFYING.has(recipe));
  return [...new Set(recipes)];
}
