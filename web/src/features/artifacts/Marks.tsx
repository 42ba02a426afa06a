// SPDX-License-Identifier: Apache-2.0
import { type ComponentType, lazy, Suspense } from "react";
import type { ArtifactMark, ArtifactSubject } from "@/shell/feature";
import { useFeatures } from "@/shell/mounted";

type Mark = ComponentType<{ subject: ArtifactSubject }>;

const known = new WeakMap<ArtifactMark, Mark>();

function loaded(mark: ArtifactMark): Mark {
  const found = known.get(mark) ?? lazy(mark);
  known.set(mark, found);
  return found;
}

/** What features say of an artifact beside its name. */
export function Marks({ subject }: { subject: ArtifactSubject }) {
  const marks = useFeatures().flatMap(({ name, artifactMarks = [] }) =>
    artifactMarks.map((mark) => ({ name, Shown: loaded(mark) })),
  );
  return marks.map(({ name, Shown }) => (
    <Suspense key={name} fallback={null}>
      <Shown subject={subject} />
    </Suspense>
  ));
}
