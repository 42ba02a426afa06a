// SPDX-License-Identifier: Apache-2.0
import { quotas as text } from "@/words/quotas";
import { colourOf, stateOf } from "./fill";
import classes from "./quotas.module.css";

interface Properties {
  name: string;
  percent: number;
  thresholds: readonly number[];
}

/** How much of a limit is used, with a mark at each threshold. */
export function FillBar({ name, percent, thresholds }: Properties) {
  const colour = colourOf(stateOf(percent, thresholds));
  return (
    <svg
      className={classes.bar}
      viewBox="0 0 100 10"
      preserveAspectRatio="none"
      role="img"
      aria-label={text.bar(name, percent)}
    >
      <rect width={Math.min(percent, 100)} height={10} fill={`var(--mantine-color-${colour}-filled)`} />
      {thresholds.map((each) => (
        <rect key={each} className={classes.mark} x={each - 0.5} width={1} height={10} />
      ))}
    </svg>
  );
}
