// SPDX-License-Identifier: Apache-2.0
import type { ReactNode } from "react";
import classes from "./ui.module.css";

interface Properties {
  /** True of names that may be longer than some words. */
  hasLongNames?: boolean;
  children: ReactNode;
}

/** What is known of something: each `Fact` has a name and a value. */
export function Facts({ hasLongNames = false, children }: Properties) {
  return (
    <dl className={classes.facts} data-long={hasLongNames || undefined}>
      {children}
    </dl>
  );
}

interface FactProperties {
  name: string;
  /** True of a value that takes all the room there is, below its name. */
  isWide?: boolean;
  children: ReactNode;
}

export function Fact({ name, isWide = false, children }: FactProperties) {
  return (
    <div data-wide={isWide || undefined}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
