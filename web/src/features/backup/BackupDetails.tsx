// SPDX-License-Identifier: Apache-2.0
import { Stack, Text, Title } from "@mantine/core";
import {
  Bytes,
  Copyable,
  Dialog,
  Fact,
  Facts,
  Failure,
  formatBytes,
  formatNumber,
  Loading,
  Moment,
  Principal,
} from "@/ui";
import { counted } from "@/words";
import { backup } from "@/words/backup";
import { copied, State } from "./BackupList";
import { Drill } from "./Drill";
import { type Backup, useBackup } from "./queries";

const text = backup.details;

/** All that is known of a backup. */
export function BackupDetails({ name, onClose }: { name: string; onClose: () => void }) {
  return (
    <Dialog title={name} isOpen={name !== ""} onClose={onClose} size="lg">
      {name && <Found name={name} />}
    </Dialog>
  );
}

function Found({ name }: { name: string }) {
  const found = useBackup(name);
  if (found.isPending) return <Loading />;
  if (!found.data) return <Failure error={found.error} retry={() => void found.refetch()} />;
  return (
    <Stack>
      <About backup={found.data} />
      <Drilled drill={found.data.drill} />
    </Stack>
  );
}

function About({ backup: found }: { backup: Backup }) {
  const { held_back: held } = found;
  return (
    <Facts hasLongNames>
      <Fact name={backup.state}>
        <State backup={found} />
      </Fact>
      <Fact name={backup.taken}>
        <Moment at={found.taken_at} />
      </Fact>
      {found.ended_at ? (
        <Fact name={text.ended}>
          <Moment at={found.ended_at} />
        </Fact>
      ) : (
        <Fact name={backup.expires}>
          <Moment at={found.expires_at} />
        </Fact>
      )}
      <Fact name={text.by}>
        {found.job ? <Principal identity={found.taken_by} /> : <Text inherit>{found.taken_by}</Text>}
      </Fact>
      <Fact name={text.node}>{found.node}</Fact>
      <Fact name={text.place} isWide>
        <Copyable value={found.place} what={text.place} />
      </Fact>
      <Fact name={backup.size}>
        <Bytes value={found.file_bytes} />
      </Fact>
      <Fact name={text.manifests}>{formatNumber(found.manifests)}</Fact>
      <Fact name={text.tags}>{formatNumber(found.tags)}</Fact>
      <Fact name={backup.objects}>
        {text.objects(formatNumber(found.objects), formatBytes(found.object_bytes))}
      </Fact>
      <Fact name={text.blobs}>{copied(found)}</Fact>
      <Fact name={text.heldBack}>
        {held.objects
          ? `${counted(held.objects, backup.remove.objects)}, ${formatBytes(held.bytes)}`
          : backup.plan.nothing}
      </Fact>
      <Fact name={text.revision}>{found.revision}</Fact>
      {found.sha256 && (
        <Fact name={text.sha256} isWide>
          <Copyable value={found.sha256} what={text.sha256} />
        </Fact>
      )}
    </Facts>
  );
}

function Drilled({ drill }: { drill: Backup["drill"] }) {
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {backup.drill}
      </Title>
      {!drill && <Text size="sm">{text.noDrill}</Text>}
      {drill && (
        <Facts hasLongNames>
          <Fact name={text.at}>
            <Drill drill={drill} />
          </Fact>
          <Fact name={text.rpo}>{counted(drill.recovery_point_seconds, text.seconds)}</Fact>
          <Fact name={text.rto}>{counted(drill.recovery_time_seconds, text.seconds)}</Fact>
          <Fact name={text.pulled}>{formatNumber(drill.tags_pulled)}</Fact>
          <Fact name={text.failed}>{formatNumber(drill.tags_failed)}</Fact>
          <Fact name={text.lostObjects}>{formatNumber(drill.objects_lost)}</Fact>
        </Facts>
      )}
    </Stack>
  );
}
