// SPDX-License-Identifier: Apache-2.0
import { Anchor, SimpleGrid, Stack, Text, Title } from "@mantine/core";
import type { ReactNode } from "react";
import type { ArtifactSubject } from "@/shell/feature";
import { Bytes, Copyable, Fact, Facts, Moment, shortDigest } from "@/ui";
import { words } from "@/words";
import classes from "./artifacts.module.css";
import { LastPull } from "./LastPull";
import { Loaded } from "./Loaded";
import { PullCommands } from "./PullCommands";
import { type Artifact, type Facts as Said, useArtifact } from "./queries";
import { ToArtifact } from "./To";

const texts = words.artifacts.overview;

export default function OverviewTab({ subject }: { subject: ArtifactSubject }) {
  const query = useArtifact(subject.repository, subject.digest);
  return (
    <Loaded query={query}>
      {(artifact) => (
        <Stack gap="xl">
          <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="xl">
            <PullCommands subject={subject} artifact={artifact} />
            <FactsOf repository={subject.repository} artifact={artifact} />
          </SimpleGrid>
          <Pairs title={texts.labels} pairs={artifact.facts?.labels ?? {}} />
          <Pairs title={texts.annotations} pairs={artifact.annotations} />
        </Stack>
      )}
    </Loaded>
  );
}

function FactsOf({ repository, artifact }: { repository: string; artifact: Artifact }) {
  const { facts } = artifact;
  const rows = facts ? said(facts) : [];
  return (
    <Stack gap="lg">
      {rows.length > 0 && (
        <Stack gap={4}>
          <Title order={2} size="h4">
            {texts.facts}
          </Title>
          <Text size="sm" c="dimmed">
            {texts.unverified}
          </Text>
          <Rows rows={rows} />
        </Stack>
      )}
      <Stack gap={4}>
        <Title order={2} size="h4">
          {texts.known}
        </Title>
        <Rows rows={known(repository, artifact)} />
      </Stack>
    </Stack>
  );
}

function Rows({ rows }: { rows: Row[] }) {
  return (
    <Facts>
      {rows.map(([name, value]) => (
        <Fact key={name} name={name}>
          {value}
        </Fact>
      ))}
    </Facts>
  );
}

type Row = [name: string, value: ReactNode];

/** What whoever pushed it says. */
function said(facts: Said): Row[] {
  const platforms = facts.platforms.map(({ os, architecture, variant, os_version: version }) =>
    [[os, architecture, variant].filter(Boolean).join("/"), version].filter(Boolean).join(" "),
  );
  const rows: [string, ReactNode, boolean][] = [
    [texts.fact.title, facts.title, facts.title !== ""],
    [texts.fact.version, facts.version, facts.version !== ""],
    [texts.fact.description, facts.description, facts.description !== ""],
    [texts.fact.chart, facts.chart && `${facts.chart.name} ${facts.chart.version}`, facts.chart !== null],
    [texts.fact.created, <Moment key="created" at={facts.created} />, facts.created !== null],
    [texts.fact.platforms, platforms.join(", "), platforms.length > 0],
    [texts.fact.totalSize, <Bytes key="size" value={facts.total_size} />, facts.total_size > 0],
  ];
  return rows.filter(([, , isSaid]) => isSaid).map(([name, value]) => [name, value]);
}

/** What the registry knows by itself. */
function known(repository: string, artifact: Artifact): Row[] {
  const rows: Row[] = [
    [texts.fact.digest, <Copyable key="digest" value={artifact.digest} what={texts.fact.digest} />],
    [texts.fact.manifestSize, <Bytes key="size" value={artifact.size} />],
    [texts.fact.mediaType, artifact.media_type],
    [texts.fact.lastPulled, <LastPull key="pulled" of={artifact} />],
  ];
  if (artifact.artifact_type) rows.push([texts.fact.artifactType, artifact.artifact_type]);
  if (artifact.subject)
    rows.push([
      texts.fact.subject,
      <ToArtifact key="subject" repository={repository} digest={artifact.subject} />,
    ]);
  if (artifact.parents.length > 0)
    rows.push([
      texts.fact.parents,
      <span key="parents" className={classes.several}>
        {artifact.parents.map((digest) => (
          <ToArtifact key={digest} repository={repository} digest={digest} />
        ))}
      </span>,
    ]);
  const config = artifact.facts?.config_digest;
  if (config)
    rows.push([
      texts.fact.config,
      <Copyable key="config" value={config} shown={shortDigest(config)} what={texts.fact.config} />,
    ]);
  return rows;
}

function Pairs({ title, pairs }: { title: string; pairs: Record<string, string> }) {
  const sorted = Object.entries(pairs).sort(([one], [other]) => (one < other ? -1 : 1));
  if (!sorted.length) return null;
  return (
    <Stack gap="sm">
      <Title order={2} size="h4">
        {title}
      </Title>
      <Facts hasLongNames>
        {sorted.map(([name, value]) => (
          <Fact key={name} name={name}>
            <Value value={value} />
          </Fact>
        ))}
      </Facts>
    </Stack>
  );
}

/** A text; the address of a page, and of nothing else, as a link. */
function Value({ value }: { value: string }) {
  if (!/^https:\/\/[^\s]+$/.test(value)) return value;
  return (
    <Anchor href={value} target="_blank" rel="noopener noreferrer nofollow" inherit>
      {value}
    </Anchor>
  );
}
