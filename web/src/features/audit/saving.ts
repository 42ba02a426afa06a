// SPDX-License-Identifier: Apache-2.0
const GIVEN_UP_MS = 60_000;

/** Let the browser save some content under a name. */
export function save(content: Blob, name: string): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  // The browser may still be reading it.
  setTimeout(() => URL.revokeObjectURL(url), GIVEN_UP_MS);
}
