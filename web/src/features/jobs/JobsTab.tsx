// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Select, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type Column, Empty, EndlessTable, Filter, formatNumber, Moment, useInAddress } from "@/ui";
import { words } from "@/words";
import { JobDetails } from "./JobDetails";
import { JobProgress } from "./JobProgress";
import { JobState } from "./JobState";
import classes from "./jobs.module.css";
import { type Job, type JobState as State, useJobs } from "./queries";

const text = words.jobs;
const ANY = "any";
const STATES = [
  { value: ANY, label: text.anyState },
  ...Object.entries(text.states).map(([value, label]) => ({ value, label })),
];

const COLUMNS: Column<Job>[] = [
  { id: "state", header: text.columns.state, cell: ({ row }) => <JobState job={row.original} /> },
  {
    id: "kind",
    header: text.columns.kind,
    cell: ({ row: { original } }) => (
      <Link
        className={classes.whole}
        to="."
        search={((before: object) => ({ ...before, job: original.id })) as never}
      >
        {original.kind}
      </Link>
    ),
  },
  { id: "created", header: text.columns.created, cell: ({ row }) => <Moment at={row.original.created_at} /> },
  {
    id: "progress",
    header: text.columns.progress,
    cell: ({ row: { original } }) => original.progress && <JobProgress progress={original.progress} />,
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "attempts",
    header: text.columns.attempts,
    cell: ({ row }) => formatNumber(row.original.attempts),
    meta: { isNumber: true, isHiddenWhenNarrow: true },
  },
  {
    id: "error",
    header: text.columns.error,
    cell: ({ row: { original } }) => (
      <Text size="sm" lineClamp={1} maw={360} title={original.last_error ?? undefined}>
        {original.last_error}
      </Text>
    ),
    meta: { isHiddenWhenNarrow: true },
  },
];

export default function JobsTab() {
  const [state, putState] = useInAddress("state");
  const [kind] = useInAddress("kind");
  const [job, putJob] = useInAddress("job");
  const list = useJobs(isState(state) ? state : undefined, kind);
  return (
    <Stack>
      <Group gap="sm">
        <Select
          aria-label={text.byState}
          data={STATES}
          value={state || ANY}
          onChange={(chosen) => putState(!chosen || chosen === ANY ? "" : chosen)}
          allowDeselect={false}
        />
        <Filter label={text.byKind} name="kind" />
      </Group>
      <EndlessTable
        label={text.list}
        list={list}
        columns={COLUMNS}
        keyOf={(item) => item.id}
        empty={<Nothing isFiltered={state !== "" || kind !== ""} />}
      />
      {job && <JobDetails id={job} onClose={() => putJob("")} />}
    </Stack>
  );
}

function isState(text_: string): text_ is State {
  return text_ in text.states;
}

function Nothing({ isFiltered }: { isFiltered: boolean }) {
  if (!isFiltered) return <Empty title={text.none} text={text.noneHint} />;
  const action = (
    <Button component={Link} to="." search={{} as never} variant="default">
      {text.showAll}
    </Button>
  );
  return <Empty title={text.noneMatching} text={text.noneMatchingHint} action={action} />;
}
