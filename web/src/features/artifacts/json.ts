// SPDX-License-Identifier: Apache-2.0
export type Json = string | number | boolean | null | Json[] | { [name: string]: Json };

/** Read JSON; undefined when the text is none. */
export function parsedJson(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

/** The entries of an object or a list, undefined of anything else. */
export function entriesOf(value: Json): [name: string, value: Json][] | undefined {
  if (value === null || typeof value !== "object") return undefined;
  return Object.entries(value);
}
