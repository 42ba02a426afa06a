// SPDX-License-Identifier: Apache-2.0
import { Group, Text } from "@mantine/core";
import { tagAddress } from "@/shell/addresses";
import { words } from "@/words";
import { To } from "./To";

const SHOWN = 3;

/** Tags that point at one artifact, the first of them as links. */
export function TagList({
  repository,
  tags,
  shown = SHOWN,
}: {
  repository: string;
  tags: readonly string[];
  shown?: number;
}) {
  const more = tags.length - shown;
  return (
    <Group gap={8} component="span" display="inline-flex">
      {tags.slice(0, shown).map((tag) => (
        <To key={tag} to={tagAddress(repository, tag)}>
          {tag}
        </To>
      ))}
      {more > 0 && (
        <Text span inherit c="dimmed" title={tags.slice(shown).join(", ")}>
          {words.artifacts.artifact.allTags(more)}
        </Text>
      )}
    </Group>
  );
}
