// SPDX-License-Identifier: Apache-2.0
import { IconCheck, IconCopy } from "@tabler/icons-react";
import { words } from "@/words";
import { useCopying } from "./clipboard";
import classes from "./ui.module.css";

/**
 * A button that copies `value`; `what` names it for those who do not see it.
 *
 * It is in every row of long tables, so it is made of plain elements.
 */
export function Copy({ value, what }: { value: string; what: string }) {
  const { isCopied, copy } = useCopying();
  const label = isCopied ? words.ui.copied : words.ui.copyOf(what);
  return (
    <button
      type="button"
      className={classes.copy}
      data-copied={isCopied || undefined}
      onClick={() => copy(value)}
      aria-label={label}
      title={label}
    >
      {isCopied ? <IconCheck size={14} /> : <IconCopy size={14} />}
    </button>
  );
}

/** A command to run somewhere, each line as it is, with a button that copies all of it. */
export function Command({ text, what }: { text: string; what: string }) {
  return (
    <div className={classes.command}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <Copy value={text} what={what} />
    </div>
  );
}

/** A value that people take elsewhere, such as a digest: `shown` of it, all of it copied. */
export function Copyable({ value, shown, what }: { value: string; shown?: string; what: string }) {
  return (
    <span className={classes.copyable}>
      <code className={classes.code} title={value}>
        {shown ?? value}
      </code>
      <Copy value={value} what={what} />
    </span>
  );
}
