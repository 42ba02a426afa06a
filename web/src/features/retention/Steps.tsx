// SPDX-License-Identifier: Apache-2.0
import { Badge, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { artifactAddress, repositoryAddress, tagAddress } from "@/shell/addresses";
import { Bytes, type Column, Empty, EndlessTable, shortDigest } from "@/ui";
import { retention } from "@/words/retention";
import { type Plan, type Step, useSteps } from "./queries";
import type { Scope } from "./scope";

const text = retention.plans;
const SHOWN_TAGS = 3;

const COLUMNS: Column<Step>[] = [
  { id: "what", header: text.step.what, cell: ({ row }) => <What step={row.original} /> },
  {
    id: "goes",
    header: text.step.goes,
    cell: ({ row }) => (row.original.tag ? text.tagAlone : text.artifact),
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "rules",
    header: text.step.rules,
    cell: ({ row }) => row.original.rules.join(", "),
    meta: { isHiddenWhenNarrow: true },
  },
  {
    id: "size",
    header: text.step.size,
    cell: ({ row }) => (row.original.tag ? null : <Bytes value={row.original.size} />),
    meta: { isNumber: true, isHiddenWhenNarrow: true },
  },
  { id: "outcome", header: text.step.outcome, cell: ({ row }) => <Outcome step={row.original} /> },
];

/** What a plan deletes, one by one, and what became of it. */
export function Steps({ scope, plan }: { scope: Scope; plan: Plan }) {
  const steps = useSteps(scope, plan);
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {text.steps}
      </Title>
      <EndlessTable
        label={text.steps}
        list={steps}
        columns={COLUMNS}
        keyOf={(step) => String(step.number)}
        empty={<Empty title={text.noSteps} text={text.noStepsHint} />}
      />
    </Stack>
  );
}

function What({ step: { repository, tag, tags, digest, outcome } }: { step: Step }) {
  const named = tag ? [tag] : tags;
  const shown = named.slice(0, SHOWN_TAGS).join(", ");
  const more = named.length - SHOWN_TAGS;
  const told = named.length
    ? `${repository}:${shown}${more > 0 ? text.moreTags(more) : ""}`
    : `${repository} ${shortDigest(digest)}`;
  if (outcome === "deleted")
    return (
      <Text size="sm" title={digest} style={{ overflowWrap: "anywhere" }}>
        {told}
      </Text>
    );
  const [first] = named;
  return (
    <Link to={first ? tagAddress(repository, first) : artifactAddress(repository, digest)} title={digest}>
      {told}
    </Link>
  );
}

function Outcome({ step: { outcome, reason, repository, tag } }: { step: Step }) {
  if (outcome === "spared")
    return (
      <Text size="sm" title={reason}>
        {text.spared(reason)}
      </Text>
    );
  const told = text.outcomes[outcome] ?? outcome;
  return (
    <>
      <Badge variant="light" color={outcome === "deleted" ? "red" : "gray"} tt="none">
        {told}
      </Badge>{" "}
      {outcome === "deleted" && !tag && (
        <Link
          to={repositoryAddress(repository)}
          search={{ tab: "bin" } as never}
          title={text.binOf(repository)}
        >
          {text.inBin}
        </Link>
      )}
    </>
  );
}
