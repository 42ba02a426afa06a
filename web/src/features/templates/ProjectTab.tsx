// SPDX-License-Identifier: Apache-2.0
import { Group, Stack, Text } from "@mantine/core";
import type { ProjectSubject } from "@/shell/feature";
import { words } from "@/words";
import { CreateTemplate } from "./CreateTemplate";
import { TemplateList } from "./TemplateList";

/** The templates of a project, for those who administer it. */
export default function ProjectTab({ subject: { name } }: { subject: ProjectSubject }) {
  return (
    <Stack>
      <Group justify="space-between">
        <Text c="dimmed">{words.templates.aboutInProject}</Text>
        <CreateTemplate project={name} />
      </Group>
      <TemplateList project={name} mayChange />
    </Stack>
  );
}
