// SPDX-License-Identifier: Apache-2.0

const PROJECT = /^[a-z0-9]+(?:(?:\.|__?|-+)[a-z0-9]+)*$/;

/** Whether something can be the name of a project: one segment of a repository's name. */
export function isProjectName(text: string): boolean {
  return PROJECT.test(text);
}
