// SPDX-License-Identifier: Apache-2.0
import { Button, Code, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMemo } from "react";
import { artifactAddress, tagAddress } from "@/shell/addresses";
import { type Column, Empty, EndlessTable, Filter, shortDigest, useInAddress } from "@/ui";
import { words } from "@/words";
import { retention } from "@/words/retention";
import { Fate } from "./Fate";
import { useVerdicts, type Verdict } from "./queries";

const text = retention.explain;
const FILTER = "of";

function columnsFor(repository: string): Column<Verdict>[] {
  return [
    {
      id: "what",
      header: text.what,
      cell: ({ row: { original } }) => <What repository={repository} verdict={original} />,
    },
    { id: "fate", header: text.fate, cell: ({ row }) => <Fate verdict={row.original} /> },
    {
      id: "why",
      header: text.why,
      cell: ({ row }) => row.original.reason,
    },
    {
      id: "rules",
      header: text.rules,
      cell: ({ row }) => row.original.rules.join(", "),
      meta: { isHiddenWhenNarrow: true },
    },
  ];
}

/** What becomes of each tag of a repository, the kept ones too, and why. */
export function ExplainPanel({ repository }: { repository: string }) {
  const [tag, setTag] = useInAddress(FILTER);
  const verdicts = useVerdicts(repository, tag);
  const columns = useMemo(() => columnsFor(repository), [repository]);
  const none = (
    <Empty
      title={text.noSuch(tag)}
      text={text.noSuchHint}
      action={
        <Button variant="default" onClick={() => setTag("")}>
          {words.ui.clear}
        </Button>
      }
    />
  );
  return (
    <Stack>
      <Text c="dimmed">{text.about}</Text>
      <Filter label={text.filter} name={FILTER} />
      <EndlessTable
        label={text.list(repository)}
        list={verdicts}
        columns={columns}
        keyOf={(verdict) => verdict.tag ?? verdict.digest}
        empty={tag ? none : <Empty title={text.none} text={text.noneHint} />}
      />
    </Stack>
  );
}

function What({ repository, verdict: { tag, digest } }: { repository: string; verdict: Verdict }) {
  if (tag) return <Link to={tagAddress(repository, tag)}>{tag}</Link>;
  return (
    <Link to={artifactAddress(repository, digest)} title={digest}>
      <Code>{shortDigest(digest)}</Code>
    </Link>
  );
}
