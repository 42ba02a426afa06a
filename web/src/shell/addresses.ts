// SPDX-License-Identifier: Apache-2.0
/** Where things are in the console. Names of repositories have slashes, and `/-/` ends them. */

export function projectAddress(project: string): string {
  return `/projects/${project}`;
}

export function repositoryAddress(repository: string): string {
  return `/repositories/${repository}`;
}

export function tagAddress(repository: string, tag: string): string {
  return `/repositories/${repository}/-/tags/${tag}`;
}

export function artifactAddress(repository: string, digest: string): string {
  return `/repositories/${repository}/-/artifacts/${digest}`;
}
