// SPDX-License-Identifier: Apache-2.0
import { List, Stack, Text } from "@mantine/core";
import { Confirm, formatBytes, formatMoment, formatNumber, shortDigest } from "@/ui";
import { counted, words } from "@/words";
import { isIndex } from "./mediaTypes";
import { type Artifact, type Kept, usePromise, useReferrers } from "./queries";
import { useArtifactRemoval } from "./useRemoval";

const texts = words.artifacts.remove;
const SHOWN_REFERRERS = 8;
const SHOWN_TAGS = 8;
const SHOWN_HOLDERS = 4;

interface Properties {
  repository: string;
  artifact: Artifact;
  may: readonly string[];
  isOpen: boolean;
  onClose: () => void;
  onDone: () => Promise<void>;
}

/** Asks before an artifact is deleted, and tells what goes with it. */
export function DeleteArtifact({ repository, artifact, may, isOpen, onClose, onDone }: Properties) {
  const remove = useArtifactRemoval(repository, may);
  return (
    <Confirm
      title={texts.title}
      text={isOpen && <Consequences repository={repository} artifact={artifact} />}
      act={texts.act}
      isOpen={isOpen}
      onClose={onClose}
      run={() => remove(artifact.digest, onDone)}
    />
  );
}

function Consequences({ repository, artifact }: { repository: string; artifact: Artifact }) {
  const { digest, tags, parents, media_type: mediaType } = artifact;
  return (
    <Stack gap="xs">
      <Text inherit>{texts.what(shortDigest(digest), repository)}</Text>
      {tags.length > 0 && <Text inherit>{named(tags)}</Text>}
      <Referrers repository={repository} digest={digest} />
      {parents.length > 0 && (
        <Text inherit fw={600}>
          {texts.parents(counted(parents.length, texts.parentForms))}
        </Text>
      )}
      {isIndex(mediaType) && <Text inherit>{texts.entriesStay}</Text>}
      <Freed repository={repository} digest={digest} />
      <Text inherit>{texts.restorable}</Text>
    </Stack>
  );
}

/** How much space that gives back, when, and what holds the rest. */
function Freed({ repository, digest }: { repository: string; digest: string }) {
  const { data: promise, isError } = usePromise(repository, digest);
  if (isError) return <Text inherit>{texts.freedUnknown}</Text>;
  if (!promise) return <Text inherit>{texts.lookingForBytes}</Text>;
  const { freed_bytes: bytes, bytes_gone_after: after, kept, held_back: heldBack } = promise;
  const about = formatBytes(bytes);
  const freed = bytes < 1024 ? about : texts.exactly(about, formatNumber(bytes));
  return (
    <>
      {bytes > 0 && <Text inherit>{texts.freed(freed, formatMoment(new Date(after)))}</Text>}
      {heldBack.map(({ backup, bytes: held, until }) => (
        <Text inherit key={backup}>
          {texts.heldBack(formatBytes(held), backup, formatMoment(new Date(until)))}
        </Text>
      ))}
      {kept.length > 0 && (
        <Text inherit>{bytes > 0 || heldBack.length > 0 ? texts.restStays : texts.allStays}</Text>
      )}
      <Holders kept={kept} />
    </>
  );
}

/** What stays, added up by what needs it. */
function Holders({ kept }: { kept: Kept }) {
  const holders = [...new Set(kept.map((each) => each.held_by))];
  return (
    <List size="sm">
      {holders.map((holder) => (
        <HeldBy key={holder} holder={holder} parts={kept.filter((each) => each.held_by === holder)} />
      ))}
    </List>
  );
}

function HeldBy({ holder, parts }: { holder: keyof typeof texts.holders; parts: Kept }) {
  const bytes = parts.reduce((sum, { size }) => sum + size, 0);
  return (
    <List.Item>
      {texts.kept(counted(parts.length, texts.partForms), formatBytes(bytes), texts.holders[holder])}
      {holderDigests(parts).map((digest) => (
        <Text key={digest} size="xs" c="dimmed" ff="monospace">
          {shortDigest(digest)}
        </Text>
      ))}
    </List.Item>
  );
}

/** Which ones those are, as far as that is told. */
function holderDigests(parts: Kept): string[] {
  const digests = [...new Set(parts.map(({ holder }) => holder))];
  return digests.filter((digest) => digest !== "").slice(0, SHOWN_HOLDERS);
}

function named(tags: readonly string[]): string {
  const all = counted(tags.length, texts.tagForms);
  const some = tags.slice(0, SHOWN_TAGS).join(", ");
  const named = tags.length > SHOWN_TAGS ? `${some}, …` : some;
  return tags.length === 1 ? texts.oneTag(named) : texts.manyTags(all, named);
}

function Referrers({ repository, digest }: { repository: string; digest: string }) {
  const { data, isPending, isError, hasNextPage } = useReferrers(repository, digest);
  if (isPending) return <Text inherit>{texts.lookingForReferrers}</Text>;
  if (isError) return <Text inherit>{texts.referrersUnknown}</Text>;
  const all = data.pages.flatMap((page) => page.items);
  if (!all.length) return <Text inherit>{texts.noReferrers}</Text>;
  return (
    <>
      <Text inherit>{texts.referrers}</Text>
      <List size="sm">
        {all.slice(0, SHOWN_REFERRERS).map((referrer) => (
          <List.Item key={referrer.digest}>
            {texts.referrer(
              words.artifacts.types[referrer.type] ?? referrer.type,
              shortDigest(referrer.digest),
            )}
          </List.Item>
        ))}
        {(hasNextPage || all.length > SHOWN_REFERRERS) && <List.Item>{texts.moreReferrers}</List.Item>}
      </List>
    </>
  );
}
