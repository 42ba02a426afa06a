// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useState } from "react";
import { counted, words } from "@/words";
import classes from "./artifacts.module.css";
import { entriesOf, type Json } from "./json";

const texts = words.artifacts.document;
const AT_ONCE = 200;

interface Properties {
  value: Json;
  /** Its name in what holds it; a number in a list. */
  name?: string;
  depth?: number;
  /** How deep it is unfolded at first. */
  unfoldedDepth: number;
}

/** JSON that can be folded. Only what is unfolded is drawn. */
export function JsonTree({ value, name, depth = 0, unfoldedDepth }: Properties) {
  const [isOpen, open] = useState(depth < unfoldedDepth);
  const entries = entriesOf(value);
  if (!entries?.length) return <Leaf name={name} value={value} />;
  const count = counted(entries.length, texts.items);
  return (
    <details className={classes.branch} open={isOpen} onToggle={(event) => open(event.currentTarget.open)}>
      <summary>
        {name !== undefined && <span className={classes.name}>{name}</span>}
        <span className={classes.count}>{Array.isArray(value) ? `[ ${count} ]` : `{ ${count} }`}</span>
      </summary>
      {isOpen && <Entries entries={entries} depth={depth + 1} unfoldedDepth={unfoldedDepth} />}
    </details>
  );
}

interface Several {
  entries: [string, Json][];
  depth: number;
  unfoldedDepth: number;
}

function Entries({ entries, depth, unfoldedDepth }: Several) {
  const [shown, show] = useState(AT_ONCE);
  return (
    <>
      {entries.slice(0, shown).map(([name, value]) => (
        <JsonTree key={name} name={name} value={value} depth={depth} unfoldedDepth={unfoldedDepth} />
      ))}
      {entries.length > shown && (
        <Button size="compact-xs" variant="subtle" onClick={() => show(shown + AT_ONCE)}>
          {texts.moreItems(counted(entries.length - shown, texts.items))}
        </Button>
      )}
    </>
  );
}

function Leaf({ name, value }: { name: string | undefined; value: Json }) {
  return (
    <div className={classes.leaf}>
      {name !== undefined && <span className={classes.name}>{name}</span>}
      <span data-kind={value === null ? "null" : typeof value} className={classes.value}>
        {JSON.stringify(value)}
      </span>
    </div>
  );
}
