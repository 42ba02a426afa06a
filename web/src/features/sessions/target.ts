// SPDX-License-Identifier: Apache-2.0
/** Where to go after logging in: an address within this console, never one of another host. */
export function safeTarget(to: string | undefined): string {
  if (!to?.startsWith("/") || /^\/[\t\n\r]*[/\\]/.test(to) || to.startsWith("/login")) return "/";
  return to;
}
