// SPDX-License-Identifier: Apache-2.0
/**
 * Markdown as elements. No HTML is made on the way, so nothing that somebody wrote can become a program: each kind of
 * token has an element here, and of all others the text is shown. Not part of `@/ui`, as what needs it loads it late.
 */

import { Anchor, Checkbox, Code, Divider, List, Table, Title, type TitleOrder } from "@mantine/core";
import { IconPhoto } from "@tabler/icons-react";
import type { Token, Tokens } from "marked";
import { Fragment, type ReactNode, useMemo } from "react";
import { markdown as texts } from "@/words/markdown";
import { addressOf } from "./address";
import { plain, tokensOf } from "./markdown";
import classes from "./markdown.module.css";

/** What is nested deeper is shown as it was written. */
const MAX_DEPTH = 12;
/** Headings begin below those of the page. */
const FIRST_ORDER = 1;
const LAST_ORDER = 6;

/** Shows a text that anybody may have written. */
export function Markdown({ text }: { text: string }) {
  const tokens = useMemo(() => tokensOf(text), [text]);
  return (
    <div className={classes.markdown}>{tokens ? <Shown tokens={tokens} depth={0} /> : <pre>{text}</pre>}</div>
  );
}

interface Properties {
  tokens: readonly Token[] | undefined;
  depth: number;
}

function Shown({ tokens = [], depth }: Properties) {
  return tokens.map((token, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: a token is what stands in its place
    <Fragment key={at}>{depth > MAX_DEPTH ? token.raw : shown(token, depth + 1)}</Fragment>
  ));
}

/** What each kind of token becomes. What is in none of them, such as HTML, is the text that was written. */
function shown(token: Token, depth: number): ReactNode {
  const inside = <Shown tokens={(token as Tokens.Generic).tokens} depth={depth} />;
  const make = ELEMENTS[token.type];
  return make ? make(token as never, inside, depth) : token.raw;
}

const ELEMENTS: Record<string, (token: never, inside: ReactNode, depth: number) => ReactNode> = {
  space: () => null,
  def: () => null,
  hr: () => <Divider my="md" />,
  br: () => <br />,
  strong: (_, inside) => <strong>{inside}</strong>,
  em: (_, inside) => <em>{inside}</em>,
  del: (_, inside) => <del>{inside}</del>,
  paragraph: (_, inside) => <p>{inside}</p>,
  blockquote: (_, inside) => <blockquote>{inside}</blockquote>,
  escape: ({ text }: Tokens.Escape) => plain(text),
  codespan: ({ text }: Tokens.Codespan) => <Code>{text}</Code>,
  code: ({ text }: Tokens.Code) => (
    <Code block tabIndex={0}>
      {text}
    </Code>
  ),
  text: ({ text, tokens, escaped }: Tokens.Text, inside) => (tokens ? inside : escaped ? text : plain(text)),
  heading: ({ depth: order }: Tokens.Heading, inside) => (
    <Title
      order={Math.min(order + FIRST_ORDER, LAST_ORDER) as TitleOrder}
      size={`h${Math.min(order + 2, 6)}`}
    >
      {inside}
    </Title>
  ),
  link: ({ href }: Tokens.Link, inside) => <To href={href}>{inside}</To>,
  image: ({ href, text }: Tokens.Image) => (
    <To href={href}>
      <IconPhoto size={16} aria-label={texts.image} /> {plain(text)}
    </To>
  ),
  list: ({ ordered, start, items }: Tokens.List, _, depth) => (
    <List
      type={ordered ? "ordered" : "unordered"}
      {...(ordered && typeof start === "number" ? { start } : {})}
      withPadding
    >
      {items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: an item is what stands in its place
        <List.Item key={at}>
          <Shown tokens={item.tokens} depth={depth} />
        </List.Item>
      ))}
    </List>
  ),
  checkbox: ({ checked }: Tokens.Checkbox) => (
    <Checkbox
      size="xs"
      checked={checked}
      readOnly
      tabIndex={-1}
      aria-label={texts.task(checked)}
      display="inline-block"
      mr={6}
    />
  ),
  table: (token: Tokens.Table, _, depth) => <Cells table={token} depth={depth} />,
};

/** A link that leads out of the console, and whose end learns nothing of it; where it may not lead there, its text. */
function To({ href, children }: { href: string; children: ReactNode }) {
  const address = addressOf(href);
  if (!address) return children;
  return (
    <Anchor
      href={address}
      title={address}
      target="_blank"
      rel="noopener noreferrer nofollow"
      underline="always"
      inherit
    >
      {children}
    </Anchor>
  );
}

function Cells({ table: { header, rows, align }, depth }: { table: Tokens.Table; depth: number }) {
  const cell = (part: Tokens.TableCell) => <Shown tokens={part.tokens} depth={depth} />;
  return (
    <Table.ScrollContainer minWidth={0} type="native" tabIndex={0}>
      <Table withTableBorder>
        <Table.Thead>
          <Table.Tr>
            {header.map((part, at) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a cell is what stands in its place
              <Table.Th key={at} ta={align[at] ?? undefined}>
                {cell(part)}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row, number) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a row is what stands in its place
            <Table.Tr key={number}>
              {row.map((part, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a cell is what stands in its place
                <Table.Td key={at} ta={align[at] ?? undefined}>
                  {cell(part)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
