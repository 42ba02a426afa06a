// SPDX-License-Identifier: Apache-2.0
import encodeQR from "qr";
import { useMemo } from "react";

const PIXELS = 208;
const QUIET = 2;

/** A QR code, black on white in every colour scheme: that is what cameras read. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const { path, size } = useMemo(() => drawn(encodeQR(text, "raw", { border: QUIET })), [text]);
  return (
    <svg width={PIXELS} height={PIXELS} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  );
}

function drawn(rows: boolean[][]): { path: string; size: number } {
  const squares = rows.flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : "")));
  return { path: squares.join(""), size: rows.length };
}
