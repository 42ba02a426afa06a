// SPDX-License-Identifier: Apache-2.0
import { IconLock } from "@tabler/icons-react";
import type { ArtifactSubject, MarkBadge } from "@/shell/feature";
import { holds as text } from "@/words/holds";
import { useKeeping } from "./queries";

/** Says beside an artifact that nobody deletes it, and leads to why. */
export default function Mark({ subject, Badge }: { subject: ArtifactSubject; Badge: MarkBadge }) {
  const { data } = useKeeping(subject.repository, subject.digest);
  const kinds = data?.items.map(({ kind }) => kind) ?? [];
  if (!kinds.length) return null;
  const kind = kinds.includes("legal") ? "legal" : "user";
  return (
    <Badge color={kind === "legal" ? "red" : "orange"} icon={IconLock} tab="holds">
      {text.marks[kind]}
    </Badge>
  );
}
