// SPDX-License-Identifier: Apache-2.0
import { List, Text } from "@mantine/core";

/** Lines that say why, under what they are about; nothing where there is none. */
export function Reasons({ title, lines }: { title: string; lines: string[] }) {
  if (lines.length === 0) return null;
  return (
    <div>
      <Text fw={600}>{title}</Text>
      <List size="sm">
        {lines.map((line) => (
          <List.Item key={line} style={{ overflowWrap: "anywhere" }}>
            {line}
          </List.Item>
        ))}
      </List>
    </div>
  );
}
