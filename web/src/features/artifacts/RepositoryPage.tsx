// SPDX-License-Identifier: Apache-2.0
import { Text } from "@mantine/core";
import { tabsOf, useFeatures } from "@/shell/mounted";
import { Failure, Loading, Moment, Page, SubjectTabs } from "@/ui";
import { OwnedBy } from "@/ui/Owner";
import { words } from "@/words";
import { crumbsOf } from "./crumbs";
import { useRepository } from "./queries";

const texts = words.artifacts.repository;

export function RepositoryPage({ name }: { name: string }) {
  const features = useFeatures();
  const { data: about, error, isPending, refetch } = useRepository(name);
  if (isPending) return <Loading />;
  const crumbs = crumbsOf(name).slice(0, -1);
  if (!about)
    return (
      <Page title={name} crumbs={crumbs}>
        <Failure error={error} retry={() => void refetch()} />
      </Page>
    );
  const subject = { name, may: about.may };
  return (
    <Page
      title={name}
      crumbs={crumbs}
      about={
        <>
          {about.summary && <Text c="bright">{about.summary}</Text>}
          {about.owner && <OwnedBy owner={about.owner} />}
          {texts.created} <Moment at={about.created_at} />
          {", "}
          {texts.lastPush} <Moment at={about.updated_at} />
        </>
      }
    >
      <SubjectTabs
        label={texts.tabs(name)}
        subject={subject}
        tabs={tabsOf(features, "repositoryTabs", subject)}
      />
    </Page>
  );
}
