// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import type { ArtifactSubject } from "@/shell/feature";
import { formatMoment } from "@/ui";
import { inUse as text } from "@/words/in-use";
import { usePins } from "./queries";

/** Says beside an artifact that a cluster runs it. */
export default function Mark({ subject: { repository, digest } }: { subject: ArtifactSubject }) {
  const { data } = usePins(repository, digest);
  return data?.items.map(({ cluster, until }) => (
    <Badge
      key={cluster}
      variant="light"
      color="teal"
      tt="none"
      maw="100%"
      title={text.markHint(formatMoment(new Date(until)))}
      leftSection={<IconPlayerPlay size={12} aria-hidden />}
    >
      {text.mark(cluster)}
    </Badge>
  ));
}
