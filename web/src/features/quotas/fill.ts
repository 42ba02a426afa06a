// SPDX-License-Identifier: Apache-2.0
/** How full something is, and what that means. */

import { formatNumber } from "@/ui";
import type { Amounts, Limits, Resource } from "./queries";
import { RESOURCES } from "./queries";

export type State = "free" | "near" | "full";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const COLOURS: Record<State, string> = { free: "blue", near: "orange", full: "red" };

const SIZE = /^(\d+)(?:\.(\d+))?\s*(?:([kKMGTP])(i?)B?|B)?$/;
const POWERS = ["k", "M", "G", "T", "P"];

/** Bytes of what somebody typed, as the command line reads it: `50GB`, `1.5 TiB`; null for nothing, undefined for what is no size. */
export function parseSize(given: string): number | null | undefined {
  if (given.trim() === "") return null;
  const found = SIZE.exec(given.trim());
  if (!found) return undefined;
  const [, whole, part = "", unit = "", isBinary] = found;
  const power = unit ? POWERS.indexOf(unit === "K" ? "k" : unit) + 1 : 0;
  if (!power && part) return undefined;
  const bytes = Math.floor(Number(`${whole}.${part || "0"}`) * (isBinary ? 1024 : 1000) ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size as it is typed, exactly: in the largest unit of which it is a whole number; empty for no limit. */
export function formatSize(bytes: number | null | undefined): string {
  if (bytes === null || bytes === undefined) return "";
  let [unit, value] = [0, bytes];
  while (value >= 1000 && value % 1000 === 0 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value}${UNITS[unit]}`;
}

/** Whole percent, rounded down; of a limit of nothing, all is used. */
export function percentOf(used: number, limit: number): number {
  return limit > 0 ? Math.floor((used / limit) * 100) : 100;
}

/** `near` from the first threshold on. */
export function stateOf(percent: number, thresholds: readonly number[]): State {
  if (percent >= 100) return "full";
  return percent >= Math.min(100, ...thresholds) ? "near" : "free";
}

export function colourOf(state: State): string {
  return COLOURS[state];
}

/** The state of the resource that is nearest to its limit. */
export function worst(used: Amounts, limits: Limits, thresholds: readonly number[]): State {
  const percents = RESOURCES.flatMap((each) => {
    const limit = limits[each];
    return limit === null || limit === undefined ? [] : [percentOf(used[each], limit)];
  });
  return percents.length ? stateOf(Math.max(...percents), thresholds) : "free";
}

/** As quotas are set and refusals say it: in decimal units, rounded down, so that less than all is not all. */
export function formatAmount(resource: Resource, amount: number): string {
  if (resource !== "bytes") return formatNumber(amount);
  let unit = 0;
  let value = amount;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const scale = unit === 0 || value >= 100 ? 1 : 100;
  return `${Math.floor(value * scale) / scale} ${UNITS[unit]}`;
}
