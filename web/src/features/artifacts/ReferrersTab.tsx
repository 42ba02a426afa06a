// SPDX-License-Identifier: Apache-2.0
import { Stack, Text } from "@mantine/core";
import { useRef, useState } from "react";
import type { ArtifactSubject } from "@/shell/feature";
import { Empty, Failure, Loading } from "@/ui";
import { words } from "@/words";
import { useReferrers } from "./queries";
import { Branch, type Current } from "./ReferrerNodes";
import { move } from "./treeKeys";

const texts = words.artifacts.referrers;

/** What refers to the artifact, and what refers to that, as deep as it goes. */
export default function ReferrersTab({ subject }: { subject: ArtifactSubject }) {
  const { repository, digest } = subject;
  const tree = useRef<HTMLDivElement>(null);
  const [path, setPath] = useState("");
  const { data, error, isPending, refetch } = useReferrers(repository, digest);
  if (isPending) return <Loading />;
  if (!data) return <Failure error={error} retry={() => void refetch()} />;
  const first = data.pages.flatMap((page) => page.items)[0];
  if (!first) return <Empty title={texts.none} text={texts.noneHint} />;
  const current: Current = { path: path || `/${first.digest}`, put: setPath };
  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        {texts.about} {texts.keys}
      </Text>
      <div
        role="tree"
        aria-label={texts.tree}
        ref={tree}
        onKeyDown={(event) => {
          if (tree.current && move(tree.current, event.key)) event.preventDefault();
        }}
      >
        <Branch repository={repository} digest={digest} path="" level={1} current={current} />
      </div>
    </Stack>
  );
}
