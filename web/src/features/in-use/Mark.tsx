// SPDX-License-Identifier: Apache-2.0
import { IconPlayerPlay } from "@tabler/icons-react";
import type { ArtifactSubject, MarkBadge } from "@/shell/feature";
import { formatMoment } from "@/ui";
import { inUse as text } from "@/words/in-use";
import { usePins } from "./queries";

/** Says beside an artifact that a cluster runs it. */
export default function Mark({ subject, Badge }: { subject: ArtifactSubject; Badge: MarkBadge }) {
  const { data } = usePins(subject.repository, subject.digest);
  return data?.items.map(({ cluster, until }) => (
    <Badge
      key={cluster}
      color="teal"
      icon={IconPlayerPlay}
      title={text.markHint(formatMoment(new Date(until)))}
    >
      {text.mark(cluster)}
    </Badge>
  ));
}
