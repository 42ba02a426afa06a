// SPDX-License-Identifier: Apache-2.0
import type { ArtifactSubject } from "@/shell/feature";
import { words } from "@/words";
import { DocumentView } from "./DocumentView";

export default function ManifestTab({ subject }: { subject: ArtifactSubject }) {
  return (
    <DocumentView
      repository={subject.repository}
      digest={subject.digest}
      part="manifest"
      label={words.artifacts.manifest.label}
    />
  );
}
