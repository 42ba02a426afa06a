// SPDX-License-Identifier: Apache-2.0
/** Addresses below `/repositories/`: names of repositories have slashes, and `/-/` ends them. */

export type Place =
  | { kind: "all" }
  | { kind: "repository"; repository: string }
  | { kind: "tag"; repository: string; tag: string }
  | { kind: "artifact"; repository: string; digest: string };

const SEPARATOR = "/-/";

/** Tell what is meant by what follows `/repositories/`; undefined when it is nothing that there could be. */
export function placeOf(rest: string): Place | undefined {
  const path = rest.replace(/\/+$/, "");
  if (path === "") return { kind: "all" };
  const at = path.indexOf(SEPARATOR);
  if (at < 0) return isName(path) ? { kind: "repository", repository: path } : undefined;
  const repository = path.slice(0, at);
  const [noun, name, ...others] = path.slice(at + SEPARATOR.length).split("/");
  if (!isName(repository) || !name || others.length > 0) return undefined;
  if (noun === "tags") return { kind: "tag", repository, tag: name };
  if (noun === "artifacts" && name.includes(":")) return { kind: "artifact", repository, digest: name };
  return undefined;
}

/** No segment of a repository's name is empty or begins with a hyphen (distribution-spec, "Pulling manifests"). */
function isName(text: string): boolean {
  return text !== "" && text.split("/").every((segment) => segment !== "" && !segment.startsWith("-"));
}
