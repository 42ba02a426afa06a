// SPDX-License-Identifier: Apache-2.0

const OWN_NAME = /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/;

/** Whether something can be what a robot is called in its project. */
export function isRobotName(text: string): boolean {
  return OWN_NAME.test(text);
}
