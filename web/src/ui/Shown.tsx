// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { IconClockX } from "@tabler/icons-react";
import { useSyncExternalStore } from "react";
import { words } from "@/words";
import { Copyable } from "./Copy";
import { formatBytes, formatMoment, formatNumber, formatSince, shortDigest } from "./format";
import classes from "./ui.module.css";

const EVERY_MS = 30_000;

function everyHalfMinute(tell: () => void): () => void {
  const timer = setInterval(tell, EVERY_MS);
  return () => clearInterval(timer);
}

/** How long ago something was, in full on hovering; it ages while it is shown. */
export function Moment({ at }: { at: string | null | undefined }) {
  const tick = useSyncExternalStore(everyHalfMinute, () => Math.floor(Date.now() / EVERY_MS));
  if (!at)
    return (
      <Text span inherit c="dimmed">
        {words.ui.never}
      </Text>
    );
  const moment = new Date(at);
  const now = new Date(Math.max(tick * EVERY_MS, Date.now()));
  return (
    <time dateTime={at} title={formatMoment(moment)}>
      {formatSince(moment, now)}
    </time>
  );
}

/** When something ends by itself, marked where it has ended. */
export function Until({ at }: { at: string | null | undefined }) {
  const isOver = at && new Date(at).getTime() <= Date.now();
  if (!isOver) return <Moment at={at} />;
  return (
    <span className={classes.expired}>
      <IconClockX size={16} aria-hidden /> {words.ui.expired} <Moment at={at} />
    </span>
  );
}

/** A number of bytes, exactly on hovering. */
export function Bytes({ value }: { value: number }) {
  return <span title={words.ui.bytesExactly(formatNumber(value))}>{formatBytes(value)}</span>;
}

/** A digest, shortened, that copies in full. */
export function Digest({ value }: { value: string }) {
  return <Copyable value={value} shown={shortDigest(value)} what={value} />;
}
