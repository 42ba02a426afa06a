// SPDX-License-Identifier: Apache-2.0
/** Sizes as people type them, such as `500 MiB` or `1.5 GB`. */

const UNITS: Readonly<Record<string, number>> = {
  b: 1,
  k: 1024,
  kib: 1024,
  kb: 1000,
  m: 1024 ** 2,
  mib: 1024 ** 2,
  mb: 1000 ** 2,
  g: 1024 ** 3,
  gib: 1024 ** 3,
  gb: 1000 ** 3,
  t: 1024 ** 4,
  tib: 1024 ** 4,
  tb: 1000 ** 4,
};
const SHOWN = ["TiB", "GiB", "MiB", "KiB"] as const;

/** How many bytes that is; undefined for what is no size. */
export function sizeOf(typed: string): number | undefined {
  const found = /^(\d+(?:\.\d+)?)\s*([a-z]*)$/i.exec(typed.trim());
  const unit = UNITS[(found?.[2] || "b").toLowerCase()];
  if (!found || unit === undefined) return undefined;
  const bytes = Math.round(Number(found[1]) * unit);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A text of which `sizeOf` makes the same number again. */
export function formatSize(bytes: number): string {
  const unit = SHOWN.find((each) => bytes > 0 && bytes % (UNITS[each.toLowerCase()] ?? 1) === 0);
  return unit ? `${bytes / (UNITS[unit.toLowerCase()] ?? 1)} ${unit}` : `${bytes} B`;
}
