// SPDX-License-Identifier: Apache-2.0
/** Copying text, also where browsers offer no clipboard: on plain HTTP beyond this machine. */

import { useEffect, useState } from "react";

const SHOWN_MS = 1_500;

/** Copy `text`; tell whether that worked. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copySelected(text);
  }
}

/** Copy by selecting the text in the page: the old way, which needs no secure context. */
function copySelected(text: string): boolean {
  const before = document.activeElement;
  const field = document.createElement("textarea");
  field.value = text;
  field.readOnly = true;
  // Inside the dialog that is open, if one is: what lies outside it cannot get the focus.
  (before?.closest("[role=dialog]") ?? document.body).append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (before instanceof HTMLElement) before.focus();
  return isCopied;
}

/** Copy, and know for a moment that it worked. */
export function useCopying(): { isCopied: boolean; copy: (text: string) => void } {
  const [isCopied, setCopied] = useState(false);
  useEffect(() => {
    if (!isCopied) return;
    const timer = setTimeout(() => setCopied(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isCopied]);
  return { isCopied, copy: (text) => void copyText(text).then(setCopied) };
}
