// SPDX-License-Identifier: Apache-2.0
import type { ArtifactSubject } from "@/shell/feature";

export default function PlantedTab({ subject }: { subject: ArtifactSubject }) {
  return <p>{`Planted on ${subject.repository}, which is an ${subject.type}`}</p>;
}
