// SPDX-License-Identifier: Apache-2.0
import { SimpleGrid, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { repositoryAddress } from "@/shell/addresses";
import type { ProjectSubject } from "@/shell/feature";
import { useMay } from "@/shell/session";
import { Principal } from "@/ui";
import { usage as texts } from "@/words/usage";
import { Shares } from "./Shares";
import { Held, InAndOut, PullsAndPushes } from "./Times";

export default function ProjectUsageTab({ subject: { name, may } }: { subject: ProjectSubject }) {
  const place = { project: name };
  const mayReadAudit = useMay("read-audit");
  return (
    <>
      <Text c="dimmed" mb="md">
        {texts.about}
      </Text>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="md">
        <Held project={name} />
        <PullsAndPushes place={place} />
        <InAndOut place={place} />
        <Shares
          title={texts.byRepository}
          place={place}
          by="repository"
          shown={(repository) => <Link to={repositoryAddress(repository)}>{repository}</Link>}
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
