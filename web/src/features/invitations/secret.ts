// SPDX-License-Identifier: Apache-2.0

/** The secret of the invitation in an address such as `/welcome#invitation=…`, which browsers send to no server. */
export function secretIn(hash: string): string {
  return new URLSearchParams(hash.replace(/^#/, "")).get("invitation") ?? "";
}
