// SPDX-License-Identifier: Apache-2.0
import { Stack } from "@mantine/core";
import type { ArtifactSubject } from "@/shell/feature";
import { Labels } from "./Labels";
import { Notes } from "./Notes";

/** What people and robots say of an artifact since its push. */
export default function LabelsTab({ subject: { repository, digest, may } }: { subject: ArtifactSubject }) {
  const place = { repository, digest };
  const maySay = may.includes("push") || may.includes("manage-policy");
  return (
    <Stack gap="xl" maw={860}>
      <Labels place={place} maySay={maySay} />
      <Notes place={place} maySay={maySay} isAdministrator={may.includes("admin")} />
    </Stack>
  );
}
