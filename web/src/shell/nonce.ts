// SPDX-License-Identifier: Apache-2.0
import { setNonce } from "get-nonce";

const nonce = document.querySelector<HTMLMetaElement>('meta[name="csp-nonce"]')?.content ?? "";

// What locks scrolling behind a dialog writes a style of its own.
if (nonce) setNonce(nonce);

/** The nonce that the server allowed styles of this page by. */
export function styleNonce(): string {
  return nonce;
}
