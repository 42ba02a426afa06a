// SPDX-License-Identifier: Apache-2.0
/** The parts of a record, as the list and the details show them. */

import { Badge, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { artifactAddress, projectAddress, repositoryAddress, tagAddress } from "@/shell/addresses";
import { formatNumber, Principal, shortDigest } from "@/ui";
import { audit } from "@/words/audit";
import classes from "./audit.module.css";
import type { AuditRecord, Outcome } from "./queries";
import { typeName } from "./types";

const text = audit;
const COLORS = { done: "teal", refused: "orange", failed: "red" };
const SOMEBODY = /^(user|group|robot|workload|internal|everyone|anonymous):/;

export function Erased() {
  return (
    <Text span inherit c="dimmed" fs="italic" title={text.erasedHint}>
      {text.erased}
    </Text>
  );
}

/** Who somebody is, or that the name was erased. */
export function Who({ identity }: { identity: string | null }) {
  return identity === null ? <Erased /> : <Principal identity={identity} />;
}

export function Address({ address }: { address: string | null }) {
  return address === null ? <Erased /> : <span className={classes.whole}>{address}</span>;
}

/** What was changed: somebody, or something such as `role:deployer`. */
export function Changed({ object }: { object: string | null }) {
  if (object === null) return <Erased />;
  return SOMEBODY.test(object) ? <Principal identity={object} /> : object;
}

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  return (
    <Badge variant="dot" color={COLORS[outcome]} tt="none" miw="max-content">
      {text.outcomes[outcome]}
    </Badge>
  );
}

/** What happened, and how often where it was counted. */
export function Happened({ record: { type, times } }: { record: AuditRecord }) {
  return times === 1 ? typeName(type) : `${typeName(type)}, ${text.times(formatNumber(times))}`;
}

/** What it was about, in a line: somebody or something that was changed, or a place in the registry. */
export function About({ record }: { record: AuditRecord }) {
  return (
    <span className={classes.about} title={record.object || undefined}>
      <Subject record={record} />
    </span>
  );
}

function Subject({ record }: { record: AuditRecord }) {
  const { object, project, repository } = record;
  if (object !== "") return <Changed object={object} />;
  if (repository) return <InRepository record={record} />;
  return project && <Link to={projectAddress(project)}>{project}</Link>;
}

function InRepository({ record: { repository, tag, digest } }: { record: AuditRecord }) {
  if (tag) return <Link to={tagAddress(repository, tag)}>{`${repository}:${tag}`}</Link>;
  if (!digest) return <Link to={repositoryAddress(repository)}>{repository}</Link>;
  const shown = `${repository}@${shortDigest(digest)}`;
  return <Link to={artifactAddress(repository, digest)}>{shown}</Link>;
}
