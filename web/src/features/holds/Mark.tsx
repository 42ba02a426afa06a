// SPDX-License-Identifier: Apache-2.0
import { Badge } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ArtifactSubject } from "@/shell/feature";
import { holds as text } from "@/words/holds";
import { useKeeping } from "./queries";

/** Says beside an artifact that nobody deletes it, and leads to why. */
export default function Mark({ subject: { repository, digest } }: { subject: ArtifactSubject }) {
  const { data } = useKeeping(repository, digest);
  const kinds = data?.items.map(({ kind }) => kind) ?? [];
  if (!kinds.length) return null;
  const kind = kinds.includes("legal") ? "legal" : "user";
  return (
    <Badge
      component={Link}
      to={"." as "/"}
      search={{ tab: "holds" } as never}
      variant="light"
      color={kind === "legal" ? "red" : "orange"}
      tt="none"
      leftSection={<IconLock size={12} aria-hidden />}
      style={{ cursor: "pointer" }}
    >
      {text.marks[kind]}
    </Badge>
  );
}
