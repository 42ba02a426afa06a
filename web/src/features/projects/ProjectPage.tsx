// SPDX-License-Identifier: Apache-2.0
import { Group, Text } from "@mantine/core";
import { useParams } from "@tanstack/react-router";
import { tabsOf, useFeatures } from "@/shell/mounted";
import { Failure, Loading, Moment, Page, Principal, SubjectTabs } from "@/ui";
import { words } from "@/words";
import { type Project, useMay, useProject } from "./queries";
import { VisibilityBadge } from "./VisibilityBadge";

const text = words.projects;
const CRUMBS = [{ label: text.title, to: "/projects" }];

export default function ProjectPage() {
  const { project: name = "" } = useParams({ strict: false }) as { project?: string };
  const project = useProject(name);
  const may = useMay(name);
  const features = useFeatures();
  if (project.isError)
    return (
      <Page title={name} crumbs={CRUMBS}>
        <Failure error={project.error} retry={() => void project.refetch()} />
      </Page>
    );
  if (project.isPending || may === undefined) return <Loading />;
  const subject = { name, may };
  return (
    <Page title={name} crumbs={CRUMBS} about={<About project={project.data} />}>
      <SubjectTabs label={text.tabs} subject={subject} tabs={tabsOf(features, "projectTabs", subject)} />
    </Page>
  );
}

function About({ project }: { project: Project }) {
  return (
    <Group gap="xs">
      <VisibilityBadge of={project.visibility} />
      <Text size="sm" component="span">
        {text.made[project.cause]} <Moment at={project.created_at} /> {text.by}{" "}
        <Principal identity={project.created_by} />
      </Text>
    </Group>
  );
}
