// SPDX-License-Identifier: Apache-2.0
/** Types of records, in words. Pure. */

import { audit } from "@/words/audit";

const text = audit;

interface Option {
  value: string;
  label: string;
}

/** What a type is called; one that this console does not know is called as the server calls it. */
export function typeName(type: string): string {
  return nameIn(text.types, type);
}

/** What the catalogue calls something, which stands in addresses and records: it may be called anything. */
export function nameIn(names: Readonly<Record<string, string>>, key: string): string {
  return Object.hasOwn(names, key) ? (names[key] ?? key) : key;
}

/** What to choose from: the types by what they are about, before each lot all of it. */
export function typeOptions(types: readonly string[]): { group: string; items: Option[] }[] {
  const lots = new Map<string, string[]>();
  for (const type of types) {
    const about = type.split(".")[0] ?? type;
    lots.set(about, [...(lots.get(about) ?? []), type]);
  }
  const named = [...lots].map(([about, found]) => ({ about, group: nameIn(text.groups, about), found }));
  return named
    .sort((one, other) => one.group.localeCompare(other.group, "en"))
    .map(({ about, group, found }) => ({ group, items: optionsOf(about, group, found) }));
}

function optionsOf(about: string, group: string, types: readonly string[]): Option[] {
  const each = types.map((value) => ({ value, label: typeName(value) }));
  return types.length > 1 ? [{ value: about, label: text.allOf(group) }, ...each] : each;
}
