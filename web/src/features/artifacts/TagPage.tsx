// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { IconTagOff } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { Problem } from "@/api";
import { repositoryAddress } from "@/shell/addresses";
import { tabsOf, useFeatures } from "@/shell/mounted";
import { Failure, Loading, Notice, Page, SubjectTabs } from "@/ui";
import { words } from "@/words";
import { ArtifactPage } from "./ArtifactPage";
import { crumbsOf } from "./crumbs";
import { useRepository, useTag } from "./queries";

const texts = words.artifacts.tags;

/** What a tag points at; its address stays the same when the tag is moved. */
export function TagPage({ repository, tag }: { repository: string; tag: string }) {
  const { data, error, isPending, refetch } = useTag(repository, tag);
  if (isPending) return <Loading />;
  if (error instanceof Problem && error.status === 404) return <Gone repository={repository} tag={tag} />;
  if (!data)
    return (
      <Page title={texts.title(repository, tag)} crumbs={crumbsOf(repository)}>
        <Failure error={error} retry={() => void refetch()} />
      </Page>
    );
  return <ArtifactPage key={data.digest} repository={repository} digest={data.digest} tag={tag} />;
}

/** A tag that was deleted still has its history. */
function Gone({ repository, tag }: { repository: string; tag: string }) {
  const features = useFeatures();
  const about = useRepository(repository);
  if (about.isPending) return <Loading />;
  if (!about.data)
    return (
      <Page title={texts.title(repository, tag)} crumbs={crumbsOf(repository)}>
        <Failure error={about.error} retry={() => void about.refetch()} />
      </Page>
    );
  const subject = { repository, digest: "", type: "", mediaType: "", tag, may: about.data.may };
  const tabs = tabsOf(features, "artifactTabs", subject).filter((tab) => tab.id === "history");
  return (
    <Page title={texts.title(repository, tag)} crumbs={crumbsOf(repository)}>
      <Notice
        icon={IconTagOff}
        title={texts.gone(tag)}
        text={texts.goneHint}
        action={
          <Button component={Link} to={repositoryAddress(repository)} variant="default">
            {texts.toRepository}
          </Button>
        }
      />
      <SubjectTabs label={words.artifacts.artifact.tabs(tag)} subject={subject} tabs={tabs} />
    </Page>
  );
}
