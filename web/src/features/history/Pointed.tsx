// SPDX-License-Identifier: Apache-2.0
import { Anchor, Code } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { shortDigest } from "@/ui";

/** What a tag points at, or did; a link to it, for it may still be there. */
export function Pointed({ repository, digest }: { repository: string; digest: string }) {
  return (
    <Anchor component={Link} to={`/repositories/${repository}/-/artifacts/${digest}`} title={digest}>
      <Code>{shortDigest(digest)}</Code>
    </Anchor>
  );
}
