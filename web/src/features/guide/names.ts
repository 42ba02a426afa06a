// SPDX-License-Identifier: Apache-2.0

const SEGMENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;

/** Whether something can be the first segment of a repository's name (distribution-spec, "Pulling manifests"). */
export function isProjectName(text: string): boolean {
  return SEGMENT.test(text);
}
