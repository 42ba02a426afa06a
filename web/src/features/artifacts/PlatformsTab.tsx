// SPDX-License-Identifier: Apache-2.0
import { Table, Text } from "@mantine/core";
import type { ArtifactSubject } from "@/shell/feature";
import { Bytes, Copyable, Empty, shortDigest } from "@/ui";
import { words } from "@/words";
import { Type } from "./Badges";
import { Loaded } from "./Loaded";
import { type Child, useArtifact } from "./queries";
import { ToArtifact } from "./To";

const texts = words.artifacts.platforms;
const UNKNOWN = "unknown";
// What BuildKit writes at the entry of an attestation: which other entry it is about.
const ATTESTED = "vnd.docker.reference.digest";

export default function PlatformsTab({ subject }: { subject: ArtifactSubject }) {
  const query = useArtifact(subject.repository, subject.digest);
  return (
    <Loaded query={query}>
      {({ children }) =>
        children.length === 0 ? (
          <Empty title={texts.none} text={texts.noneHint} />
        ) : (
          <Entries repository={subject.repository} entries={children} />
        )
      }
    </Loaded>
  );
}

function Entries({ repository, entries }: { repository: string; entries: Child[] }) {
  return (
    <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0 } }}>
      <Table aria-label={texts.list} verticalSpacing="xs">
        <Table.Thead>
          <Table.Tr>
            {Object.values(texts.columns).map((label) => (
              <Table.Th key={label} scope="col">
                {label}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {entries.map((entry, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: an index may list one manifest twice, and never changes
            <Table.Tr key={index}>
              <Table.Td fw={600}>{nameOf(entry)}</Table.Td>
              <Table.Td>{entry.is_here && <Type type={entry.type} />}</Table.Td>
              <Table.Td>
                {entry.is_here ? (
                  <ToArtifact repository={repository} digest={entry.digest} />
                ) : (
                  <Copyable value={entry.digest} shown={shortDigest(entry.digest)} what={entry.digest} />
                )}
              </Table.Td>
              <Table.Td>{entry.total_size !== null && <Bytes value={entry.total_size} />}</Table.Td>
              <Table.Td>
                {entry.is_here ? (
                  texts.here
                ) : (
                  <>
                    <Text inherit fw={600}>
                      {texts.missing}
                    </Text>
                    <Text size="xs" c="dimmed">
                      {texts.missingHint}
                    </Text>
                  </>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}

function nameOf({ platform, annotations }: Child): string {
  const attested = annotations[ATTESTED];
  if (attested) return texts.attestationOf(shortDigest(attested));
  const parts = [platform?.os, platform?.architecture, platform?.variant];
  const known = parts.filter((part) => part && part !== UNKNOWN);
  if (!known.length) return texts.noPlatform;
  return [known.join("/"), platform?.os_version].filter(Boolean).join(" ");
}
