// SPDX-License-Identifier: Apache-2.0
/** Reading Markdown that anybody may have written: into tokens, never into HTML. */

import { Lexer, type Token } from "marked";

/** What is longer without an empty line is not looked into: finding emphasis takes the square of the length. */
const MAX_INLINE_CHARACTERS = 8_000;
const NAMED: Record<string, string> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: "\u00a0",
  copy: "©",
  reg: "®",
  hellip: "…",
  mdash: "—",
  ndash: "–",
};
const REFERENCE = /&(?:#(\d{1,7})|#x([\da-f]{1,6})|([a-z]{1,8}));/gi;
const LAST_CHARACTER = 0x10ffff;

/** The tokens of a text; nothing where it is nested so deep that it cannot be read. */
export function tokensOf(text: string): Token[] | undefined {
  const lexer = new Lexer({ gfm: true });
  try {
    lexer.blockTokens(text.replace(/\r\n?/g, "\n"), lexer.tokens);
    for (const { src, tokens } of lexer.inlineQueue)
      if (src.length <= MAX_INLINE_CHARACTERS) lexer.inlineTokens(src, tokens);
      else tokens.push({ type: "text", raw: src, text: src });
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return lexer.tokens;
}

/** A text with its character references resolved. What shows it has to take it for text. */
export function plain(text: string): string {
  return text.replace(REFERENCE, (reference, decimal?: string, hex?: string, name?: string) => {
    if (name) return NAMED[name.toLowerCase()] ?? reference;
    const code = decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex ?? "", 16);
    return code > 0 && code <= LAST_CHARACTER ? String.fromCodePoint(code) : reference;
  });
}
