// SPDX-License-Identifier: Apache-2.0
import type { ArtifactSubject } from "@/shell/feature";
import { Empty, Loading } from "@/ui";
import { words } from "@/words";
import { DocumentView } from "./DocumentView";
import { Loaded } from "./Loaded";
import { useArtifact } from "./queries";

const texts = words.artifacts.configuration;

export default function ConfigurationTab({ subject }: { subject: ArtifactSubject }) {
  const query = useArtifact(subject.repository, subject.digest);
  return (
    <Loaded query={query}>
      {({ facts }) => {
        if (!facts) return <Loading />;
        if (!facts.config_digest) return <Empty title={texts.none} text={texts.noneHint} />;
        return (
          <DocumentView
            repository={subject.repository}
            digest={subject.digest}
            part="config"
            label={texts.label}
          />
        );
      }}
    </Loaded>
  );
}
