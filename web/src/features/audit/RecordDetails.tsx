// SPDX-License-Identifier: Apache-2.0
import { Alert, Anchor, Button, CloseButton, Drawer, Group, Stack, Text, Title } from "@mantine/core";
import { IconEraser } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { artifactAddress, projectAddress, repositoryAddress, tagAddress } from "@/shell/addresses";
import {
  Copy,
  Copyable,
  Digest,
  Empty,
  Fact,
  Facts,
  Failure,
  formatMoment,
  formatNumber,
  Loading,
  Moment,
} from "@/ui";
import { words } from "@/words";
import { audit } from "@/words/audit";
import { Changes } from "./Changes";
import { detailsOf } from "./details";
import { type AuditRecord, useRecord } from "./queries";
import { Changed, Erased, Happened, OutcomeBadge, Who } from "./shown";
import type { Place, Terms } from "./terms";
import { nameIn } from "./types";

const text = audit.details;

interface Properties {
  place: Place;
  /** The record, where the list has it. */
  known: AuditRecord | undefined;
  onClose: () => void;
}

/** One record beside the list, with all that is known of it. */
export function RecordDetails({ place, known, onClose }: Properties) {
  const { data: record, error, isPending, refetch } = useRecord(place, known);
  return (
    <Drawer.Root opened onClose={onClose} position="right" size="xl">
      <Drawer.Overlay />
      <Drawer.Content>
        <Drawer.Body pt="md">
          <Group justify="space-between" wrap="nowrap" mb="md">
            <Drawer.Title fz="lg" fw={650}>
              {record ? <Happened record={record} /> : text.title}
            </Drawer.Title>
            <CloseButton onClick={onClose} aria-label={words.ui.close} />
          </Group>
          {isPending && <Loading />}
          {record === undefined && error && <Failure error={error} retry={() => void refetch()} />}
          {record === null && <Empty title={text.gone} text={text.goneHint} />}
          {record && <All record={record} />}
        </Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function All({ record }: { record: AuditRecord }) {
  const { reason, members, told } = detailsOf(record.details);
  return (
    <Stack>
      {record.is_erased && (
        <Alert color="gray" icon={<IconEraser size={18} />}>
          {text.isErased}
        </Alert>
      )}
      <Facts>
        <Fact name={text.at}>
          {formatMoment(new Date(record.at))}
          <Text size="xs" c="dimmed">
            <Moment at={record.at} />
          </Text>
        </Fact>
        <Given name={text.outcome}>
          <OutcomeBadge outcome={record.outcome} />
        </Given>
        <Given name={text.reason}>{reason}</Given>
        <Actor record={record} />
        <What record={record} />
        {told.map(([name, value]) => (
          <Fact key={name} name={nameIn(text.told, name) || text.itself}>
            {value}
          </Fact>
        ))}
      </Facts>
      {members.length > 0 && <Changes members={members} />}
      <Related record={record} />
      <Facts>
        <Chained record={record} />
      </Facts>
    </Stack>
  );
}

/** A fact, where there is something to say. */
function Given({ name, children }: { name: string; children: ReactNode }) {
  return children ? <Fact name={name}>{children}</Fact> : null;
}

function To({ to, children }: { to: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to={to} inherit>
      {children}
    </Anchor>
  );
}

function Actor({ record }: { record: AuditRecord }) {
  const { principal, credential, provider, on_behalf_of, address, agent } = record;
  return (
    <>
      <Fact name={text.who}>
        <Who identity={principal} /> {principal && <Copy value={principal} what={principal} />}
        {principal === null && ` (${record.kind})`}
      </Fact>
      <Given name={text.onBehalfOf}>{on_behalf_of !== "" && <Who identity={on_behalf_of} />}</Given>
      <Given name={text.credential}>{credential}</Given>
      <Given name={text.provider}>{provider}</Given>
      <Given name={text.address}>
        {address === null ? <Erased /> : address && <Copyable value={address} what={address} />}
      </Given>
      <Given name={text.agent}>{agent}</Given>
    </>
  );
}

function What({ record }: { record: AuditRecord }) {
  const { project, repository, tag, digest, object, times } = record;
  return (
    <>
      <Given name={text.object}>{object !== "" && <Changed object={object} />}</Given>
      <Given name={text.project}>{project && <To to={projectAddress(project)}>{project}</To>}</Given>
      <Given name={text.repository}>
        {repository && <To to={repositoryAddress(repository)}>{repository}</To>}
      </Given>
      <Given name={text.tag}>
        {tag && (repository ? <To to={tagAddress(repository, tag)}>{tag}</To> : tag)}
      </Given>
      {digest && (
        <Given name={text.digest}>
          <Digest value={digest} />
          {repository && (
            <Text size="xs">
              <To to={artifactAddress(repository, digest)}>{text.toArtifact}</To>
            </Text>
          )}
        </Given>
      )}
      <Fact name={text.times}>{times === 1 ? text.once : audit.times(formatNumber(times))}</Fact>
    </>
  );
}

/** What the log itself knows the record by. */
function Chained({ record }: { record: AuditRecord }) {
  return (
    <>
      <Given name={text.request}>
        {record.request_id && <Copyable value={record.request_id} what={text.request} />}
      </Given>
      <Fact name={text.seq}>{formatNumber(record.seq)}</Fact>
      <Fact name={text.type}>{record.type}</Fact>
      <Fact name={text.event}>
        <Copyable value={record.event} what={text.event} />
      </Fact>
      <Fact name={text.hash}>
        <Copyable value={record.hash} what={text.hash} />
      </Fact>
    </>
  );
}

/** What else to look for, from here. */
function Related({
  record: { principal, address, request_id, repository, object },
}: {
  record: AuditRecord;
}) {
  const searches: [label: string, terms: Terms, isThere: boolean][] = [
    [text.by, { principal: principal ?? "" }, !!principal],
    [text.from, { address: address ?? "" }, !!address],
    [text.inRequest, { request_id }, request_id !== ""],
    [text.ofRepository, { repository }, repository !== ""],
    [text.ofObject, { object: object ?? "" }, !!object],
  ];
  const offered = searches.filter(([, , isThere]) => isThere);
  if (!offered.length) return null;
  return (
    <Stack gap={4} component="section" aria-label={text.related}>
      <Title order={3} size="h5">
        {text.related}
      </Title>
      <Group gap="xs">
        {offered.map(([label, terms]) => (
          <Button
            key={label}
            component={Link}
            to="/audit"
            search={terms as never}
            size="compact-sm"
            variant="default"
          >
            {label}
          </Button>
        ))}
      </Group>
    </Stack>
  );
}
