// SPDX-License-Identifier: Apache-2.0
/** How full something is, and what that means. */

import { formatNumber } from "@/ui";
import type { Amounts, Limits, Resource } from "./queries";
import { RESOURCES } from "./queries";

export type State = "free" | "near" | "full";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];
const COLOURS: Record<State, string> = { free: "blue", near: "orange", full: "red" };

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
