// SPDX-License-Identifier: Apache-2.0
import { Stack, Text, Title } from "@mantine/core";
import { useGuide } from "@/shell/guide";
import { useViewer } from "@/shell/session";
import { Command } from "@/ui";
import { words } from "@/words";

/** What fills a project that has no repositories. */
export function PushHint({ project }: { project: string }) {
  const address = useGuide().data?.address ?? "";
  const user = useViewer()?.name ?? "";
  return (
    <Stack gap="sm" w="100%" maw={760} mx="auto" py="xl">
      <Title order={2} size="h4">
        {words.projects.noRepositories}
      </Title>
      <Text c="dimmed">{words.projects.noRepositoriesHint}</Text>
      <Command text={pushCommands(address, project, user)} what={words.projects.pushCommands} />
    </Stack>
  );
}

/** The lines that push a first image into a project. */
export function pushCommands(address: string, project: string, user: string): string {
  const target = `${address}/${project}/alpine:latest`;
  return [
    `docker login ${address} --username ${user}`,
    "docker pull alpine:latest",
    `docker tag alpine:latest ${target}`,
    `docker push ${target}`,
  ].join("\n");
}
