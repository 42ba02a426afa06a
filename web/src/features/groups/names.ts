// SPDX-License-Identifier: Apache-2.0

const GROUP = /^[a-z0-9][a-z0-9._-]{0,127}$/;

/** Whether a group can have this name. */
export function isGroupName(text: string): boolean {
  return GROUP.test(text);
}
