// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { type ComponentProps, type ComponentType, lazy, Suspense } from "react";
import type { ArtifactMark, ArtifactSubject, MarkBadge } from "@/shell/feature";
import { useFeatures } from "@/shell/mounted";

type Mark = ComponentType<{ subject: ArtifactSubject; Badge: MarkBadge }>;

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
      <Shown subject={subject} Badge={Shape} />
    </Suspense>
  ));
}

function Shape({ color, icon: Icon, title, tab, children }: ComponentProps<MarkBadge>) {
  const looks = {
    variant: "light",
    color,
    tt: "none",
    maw: "100%",
    leftSection: <Icon size={12} />,
  } as const;
  if (!tab)
    return (
      <Badge {...looks} title={title}>
        {children}
      </Badge>
    );
  return (
    <Badge
      {...looks}
      component={Link}
      to={"." as "/"}
      search={{ tab } as never}
      title={title}
      style={{ cursor: "pointer" }}
    >
      {children}
    </Badge>
  );
}
