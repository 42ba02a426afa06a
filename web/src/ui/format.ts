// SPDX-License-Identifier: Apache-2.0
/** Numbers and moments as people read them. */

const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
const STEPS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
const MOMENTS = 0.01;
const relative = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const numbers = new Intl.NumberFormat("en");
const day = new Intl.DateTimeFormat("en", { dateStyle: "medium" });
const full = new Intl.DateTimeFormat("en", { dateStyle: "long", timeStyle: "long" });

/** Such as `1.5 MiB`: binary units, three digits at most where there is a fraction. */
export function formatBytes(bytes: number): string {
  let unit = 0;
  let value = bytes;
  while (Math.abs(value) >= 1024 && unit < UNITS.length - 1) {
    value /= 1024;
    unit += 1;
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${UNITS[unit]}`;
}

export function formatNumber(value: number): string {
  return numbers.format(value);
}

/** Such as `3 days ago`, rounded down; but what was set a moment ago to end in 3 days ends `in 3 days`. */
export function formatSince(moment: Date, now: Date): string {
  const seconds = (moment.getTime() - now.getTime()) / 1000;
  const whole = (count: number) => Math.trunc(count > 0 ? count + MOMENTS : count);
  for (const [unit, size] of STEPS) {
    if (Math.abs(seconds) >= size) return relative.format(whole(seconds / size), unit);
  }
  return relative.format(whole(seconds), "second");
}

/** The moment in full, in the zone of the viewer. */
export function formatMoment(moment: Date): string {
  return full.format(moment);
}

/** The day alone, in the zone of the viewer: `Nov 21, 2026`. */
export function formatDay(moment: Date): string {
  return day.format(moment);
}

/** Enough of a digest to tell it from others: `sha256:0123456789ab`. */
export function shortDigest(digest: string): string {
  const [algorithm, encoded = ""] = digest.split(":", 2);
  return `${algorithm}:${encoded.slice(0, 12)}`;
}
