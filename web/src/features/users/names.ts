// SPDX-License-Identifier: Apache-2.0

const USER = /^[a-z0-9][a-z0-9._-]{0,63}$/;
/** Stands for whoever asks. */
const RESERVED = "me";

export const SHORTEST_PASSWORD = 12;

/** Whether a new user can have this name. */
export function isUserName(text: string): boolean {
  return USER.test(text) && text !== RESERVED;
}
