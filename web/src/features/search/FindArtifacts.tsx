// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Table, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconHelp, IconSearch } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { artifactAddress, tagAddress } from "@/shell/addresses";
import {
  Bytes,
  type Column,
  Copy,
  Dialog,
  Empty,
  EndlessTable,
  Failure,
  formatNumber,
  Moment,
  shortDigest,
  useInAddress,
} from "@/ui";
import { words } from "@/words";
import { finding as text } from "@/words/finding";
import { type FoundArtifact, narrowed, type Sort, type Total, useFound } from "./finding";
import { SavedQueries } from "./SavedQueries";
import classes from "./search.module.css";

const SHOWN_COMMIT = 12;
const SHOWN_TAGS = 2;
const { types } = words.artifacts;
const { columns: known } = words.artifacts.list;

const COLUMNS: Column<FoundArtifact>[] = [
  {
    id: "artifact",
    header: text.columns.artifact,
    cell: ({ row: { original: item } }) => (
      <Link
        to={artifactAddress(item.repository, item.digest)}
        className={classes.link}
        title={`${item.repository}@${item.digest}`}
      >
        {item.repository}
      </Link>
    ),
  },
  {
    id: "pull",
    header: text.columns.pull,
    cell: ({ row: { original: item } }) => (
      <span className={classes.reference}>
        <code title={item.reference}>{shortDigest(item.digest)}</code>
        <Copy value={item.reference} what={text.reference} />
      </span>
    ),
  },
  { id: "type", header: known.type, cell: ({ row }) => types[row.original.type] ?? row.original.type },
  {
    id: "tags",
    header: known.tags,
    cell: ({ row: { original: item } }) => <Tags item={item} />,
  },
  {
    id: "commit",
    header: text.columns.commit,
    cell: ({ row }) => <code>{row.original.revision?.slice(0, SHOWN_COMMIT)}</code>,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "platforms",
    header: known.platforms,
    cell: ({ row }) => row.original.platforms.join(", "),
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "size",
    header: known.size,
    cell: ({ row }) => <Bytes value={row.original.size} />,
    meta: { isNumber: true, isHiddenWhenNarrow: true },
  },
  {
    id: "pushed",
    header: known.pushed,
    cell: ({ row }) => <Moment at={row.original.pushed_at} />,
    meta: { sort: "pushed" },
  },
];

/** The part of the page that finds artifacts by what they are; the query is in the address. */
export function FindArtifacts() {
  const [query, putQuery] = useInAddress("q");
  const [order, putOrder] = useInAddress("sort");
  const sort: Sort = order === "pushed" ? "pushed" : "-pushed";
  return (
    <>
      <QueryField query={query} onQuery={putQuery} />
      <Results query={query.trim()} sort={sort} onSort={putOrder} onQuery={putQuery} />
    </>
  );
}

function QueryField({ query, onQuery }: { query: string; onQuery: (query: string) => void }) {
  const [typed, setTyped] = useState(query);
  const [seen, setSeen] = useState(query);
  const [isHelping, help] = useDisclosure();
  if (seen !== query) {
    setSeen(query);
    setTyped(query);
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onQuery(typed.trim());
  };
  return (
    <form onSubmit={submit}>
      <Group gap="xs" align="end">
        <TextInput
          className={classes.field}
          aria-label={text.field}
          placeholder={text.example}
          leftSection={<IconSearch size={16} />}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
        />
        <Button type="submit">{text.search}</Button>
        <SavedQueries query={query} />
        <Button variant="default" leftSection={<IconHelp size={16} />} onClick={help.open}>
          {text.help}
        </Button>
      </Group>
      <Dialog title={text.helpTitle} isOpen={isHelping} onClose={help.close} size="lg">
        <Help />
      </Dialog>
    </form>
  );
}

function Help() {
  return (
    <>
      <Text c="dimmed" mb="sm">
        {text.helpAbout}
      </Text>
      <Table>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>{text.helpTerm}</Table.Th>
            <Table.Th>{text.helpMeaning}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {text.terms.map(([term, meaning]) => (
            <Table.Tr key={term}>
              <Table.Td>
                <code className={classes.term}>{term}</code>
              </Table.Td>
              <Table.Td>{meaning}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </>
  );
}

interface ResultProperties {
  query: string;
  sort: Sort;
  onSort: (sort: string) => void;
  onQuery: (query: string) => void;
}

function Results({ query, sort, onSort, onQuery }: ResultProperties) {
  const list = useFound(query, sort);
  if (list.isError && !list.data) return <Failure error={list.error} retry={() => void list.refetch()} />;
  const total = list.data?.pages[0]?.total;
  return (
    <>
      {total && total.count > 0 && (
        <Counted total={total} onTerm={(term) => onQuery(narrowed(query, term))} />
      )}
      <EndlessTable
        label={text.list}
        list={list}
        columns={COLUMNS}
        keyOf={(item) => item.reference}
        empty={<Empty title={text.nothing} text={text.nothingHint} />}
        sort={sort}
        onSort={onSort}
      />
    </>
  );
}

/** How many there are, and of which kinds: each leads to those of it. */
function Counted({ total, onTerm }: { total: Total; onTerm: (term: string) => void }) {
  return (
    <section className={classes.facets} aria-label={text.counts}>
      <Text fw={600} aria-live="polite" title={total.is_exact ? undefined : text.someHint}>
        {text.some(formatNumber(total.count), total.is_exact)}
      </Text>
      {Object.entries(total.facets).map(
        ([facet, values]) =>
          values.length > 0 && (
            <div key={facet} className={classes.facet}>
              <Text span size="sm" c="dimmed" className={classes.facetName}>
                {text.facets[facet] ?? facet}
              </Text>
              {values.map(({ value, count, term }) => (
                <Button
                  key={value}
                  variant="default"
                  size="compact-xs"
                  onClick={() => onTerm(term)}
                  aria-label={text.narrow(term, formatNumber(count))}
                >
                  {facet === "type" ? (types[value] ?? value) : value} {formatNumber(count)}
                </Button>
              ))}
            </div>
          ),
      )}
    </section>
  );
}

function Tags({ item }: { item: FoundArtifact }) {
  if (!item.tags.length)
    return (
      <Text span inherit c="dimmed">
        {text.untagged}
      </Text>
    );
  const more = item.tags.length - SHOWN_TAGS;
  return (
    <span title={item.tags.join(", ")}>
      {item.tags.slice(0, SHOWN_TAGS).map((tag) => (
        <Link key={tag} to={tagAddress(item.repository, tag)} className={classes.tag}>
          {tag}
        </Link>
      ))}
      {more > 0 && words.artifacts.tags.more(more)}
    </span>
  );
}
