// SPDX-License-Identifier: Apache-2.0
import { Button, Collapse, Group, Select, SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronUp, IconSearch } from "@tabler/icons-react";
import { useId, useState } from "react";
import { formatNumber } from "@/ui";
import { audit } from "@/words/audit";
import { useTypes } from "./queries";
import { fromField, hoursAgo, isSame, type Term, type Terms, termsTyped, toField } from "./terms";
import { typeName, typeOptions } from "./types";

const text = audit.search;
const ANY = "any";
const OUTCOMES = [
  { value: ANY, label: text.anyOutcome },
  ...Object.entries(audit.outcomes).map(([value, label]) => ({ value, label })),
];

/** What is searched for less often: out of the way until it is. */
const MORE: readonly [term: Term, label: string, example?: string][] = [
  ["address", text.address],
  ["project", text.project],
  ["repository", text.repository],
  ["tag", text.tag],
  ["digest", text.digest],
  ["object", text.object, text.objectExample],
  ["credential", text.credential],
  ["request_id", text.requestId],
];

interface Properties {
  terms: Terms;
  onSearch: (terms: Terms) => void;
}

interface Part {
  draft: Terms;
  /** What is typed, to be searched for when the form is sent. */
  put: (change: Terms) => void;
  /** What is chosen, to be searched for at once. */
  choose: (change: Terms) => void;
}

/** Asks for what is searched for. It begins with what is in the address, and follows it. */
export function SearchForm({ terms, onSearch }: Properties) {
  const [draft, setDraft] = useState(terms);
  const [seen, setSeen] = useState(terms);
  if (!isSame(seen, terms)) {
    setSeen(terms);
    setDraft(terms);
  }
  const send = (wanted: Terms) => {
    const typed = termsTyped(wanted);
    setDraft(typed);
    onSearch(typed);
  };
  const part: Part = {
    draft,
    put: (change) => setDraft({ ...draft, ...change }),
    choose: (change) => send({ ...draft, ...change }),
  };
  const isEmpty = isSame(termsTyped(draft), {}) && isSame(terms, {});
  return (
    <form
      noValidate
      aria-label={text.label}
      onSubmit={(event) => {
        event.preventDefault();
        send(draft);
      }}
    >
      <Stack gap="sm">
        <Usual {...part} />
        <Spans {...part} />
        <More {...part} used={MORE.filter(([term]) => terms[term]).length} />
        <Group gap="xs">
          <Button type="submit" leftSection={<IconSearch size={16} />}>
            {text.act}
          </Button>
          <Button variant="default" disabled={isEmpty} onClick={() => send({})}>
            {text.clear}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Usual({ draft, put, choose }: Part) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, md: 3, xl: 5 }} spacing="sm" verticalSpacing="xs">
      <TypeField type={draft.type ?? ""} choose={choose} />
      <TextInput
        label={text.principal}
        placeholder={text.principalExample}
        value={draft.principal ?? ""}
        onChange={(event) => put({ principal: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
      />
      <Select
        label={text.outcome}
        data={OUTCOMES}
        value={draft.outcome || ANY}
        onChange={(chosen) => choose({ outcome: !chosen || chosen === ANY ? "" : chosen })}
        allowDeselect={false}
      />
      {(["since", "until"] as const).map((term) => (
        <TextInput
          key={term}
          type="datetime-local"
          label={text[term]}
          value={toField(draft[term])}
          onChange={(event) => put({ [term]: fromField(event.currentTarget.value) })}
        />
      ))}
    </SimpleGrid>
  );
}

function TypeField({ type, choose }: { type: string; choose: Part["choose"] }) {
  const options = typeOptions(useTypes());
  const isListed = !type || options.some(({ items }) => items.some(({ value }) => value === type));
  const unlisted = isListed ? [] : [{ value: type, label: typeName(type) }];
  return (
    <Select
      label={text.type}
      data={[{ value: ANY, label: text.anyType }, ...unlisted, ...options]}
      value={type || ANY}
      onChange={(chosen) => choose({ type: !chosen || chosen === ANY ? "" : chosen })}
      nothingFoundMessage={text.noType}
      allowDeselect={false}
      maxDropdownHeight={360}
      searchable
    />
  );
}

/** The latest hours and days, at a press. */
function Spans({ choose }: Part) {
  const id = useId();
  return (
    <Group gap="xs" role="group" aria-labelledby={id}>
      <Text size="sm" id={id}>
        {text.latest}
      </Text>
      {Object.entries(text.spans).map(([hours, label]) => (
        <Button
          key={hours}
          size="compact-sm"
          variant="default"
          onClick={() => choose({ since: hoursAgo(Number(hours), new Date()), until: "" })}
        >
          {label}
        </Button>
      ))}
    </Group>
  );
}

/** The other fields: open while some of them are in use, unless somebody closed them. */
function More({ draft, put, used }: Part & { used: number }) {
  const [toggled, setToggled] = useState<boolean>();
  const isOpen = toggled ?? used > 0;
  const id = useId();
  const Icon = isOpen ? IconChevronUp : IconChevronDown;
  return (
    <div>
      <Button
        size="compact-sm"
        variant="subtle"
        rightSection={<Icon size={14} />}
        onClick={() => setToggled(!isOpen)}
        aria-expanded={isOpen}
        aria-controls={id}
      >
        {used ? text.moreUsed(formatNumber(used)) : text.more}
      </Button>
      <Collapse expanded={isOpen} id={id}>
        <Stack gap="xs" pt="xs">
          <SimpleGrid cols={{ base: 1, xs: 2, md: 4 }} spacing="sm" verticalSpacing="xs">
            {MORE.map(([term, label, example]) => (
              <TextInput
                key={term}
                label={label}
                placeholder={example}
                value={draft[term] ?? ""}
                onChange={(event) => put({ [term]: event.currentTarget.value })}
                autoComplete="off"
                spellCheck={false}
              />
            ))}
          </SimpleGrid>
          <Text size="xs" c="dimmed">
            {text.exactly}
          </Text>
        </Stack>
      </Collapse>
    </div>
  );
}
