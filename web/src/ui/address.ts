// SPDX-License-Identifier: Apache-2.0
const PROTOCOLS = new Set(["http:", "https:", "mailto:"]);

/** Where something that anybody may have written leads, if it may: to a page or to somebody's mail, nowhere else. */
export function addressOf(href: string): string | undefined {
  if (!URL.canParse(href)) return undefined;
  const address = new URL(href);
  return PROTOCOLS.has(address.protocol) && !address.username && !address.password ? address.href : undefined;
}
