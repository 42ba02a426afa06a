// SPDX-License-Identifier: Apache-2.0
import { SimpleGrid, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { artifactAddress, tagAddress } from "@/shell/addresses";
import type { RepositorySubject } from "@/shell/feature";
import { useMay } from "@/shell/session";
import { Principal, shortDigest } from "@/ui";
import { usage as texts } from "@/words/usage";
import { Shares } from "./Shares";
import { InAndOut, PullsAndPushes } from "./Times";

export default function RepositoryUsageTab({ subject: { name, may } }: { subject: RepositorySubject }) {
  const place = { repository: name };
  const mayReadAudit = useMay("read-audit");
  return (
    <>
      <Text c="dimmed" mb="md">
        {texts.about}
      </Text>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <PullsAndPushes place={place} />
        <InAndOut place={place} />
        <Shares
          title={texts.byTag}
          place={place}
          by="tag"
          shown={(tag) => <Link to={tagAddress(name, tag)}>{tag}</Link>}
        />
        <Shares
          title={texts.byArtifact}
          place={place}
          by="artifact"
          shown={(digest) => <Link to={artifactAddress(name, digest)}>{shortDigest(digest)}</Link>}
        />
        <Shares title={texts.byClient} place={place} by="client" />
        {(mayReadAudit || may.includes("admin")) && (
          <Shares
            title={texts.byPrincipal}
            place={place}
            by="principal"
            shown={(identity) => <Principal identity={identity} />}
          />
        )}
      </SimpleGrid>
    </>
  );
}
