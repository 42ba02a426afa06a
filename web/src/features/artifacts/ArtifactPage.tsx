// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Menu, Stack, Text } from "@mantine/core";
import { IconChevronDown, IconTrash, IconZoomQuestion } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { Problem } from "@/api";
import { artifactAddress, repositoryAddress } from "@/shell/addresses";
import type { ArtifactSubject } from "@/shell/feature";
import { tabsOf, useFeatures } from "@/shell/mounted";
import {
  Bytes,
  Copyable,
  Failure,
  Loading,
  Moment,
  Notice,
  Page,
  Principal,
  SubjectTabs,
  shortDigest,
} from "@/ui";
import { words } from "@/words";
import { Type } from "./Badges";
import { crumbsOf } from "./crumbs";
import { DeleteArtifact } from "./DeleteArtifact";
import { Marks } from "./Marks";
import { type Artifact, useArtifact, useRepository } from "./queries";
import { TagList } from "./TagList";
import { useTagRemoval } from "./useRemoval";

const texts = words.artifacts.artifact;
const SHOWN_TAGS = 12;

interface Properties {
  repository: string;
  digest: string;
  /** The tag by which it is looked at. */
  tag?: string;
}

export function ArtifactPage({ repository, digest, tag }: Properties) {
  const features = useFeatures();
  const about = useRepository(repository);
  const { data: artifact, error, isPending, refetch } = useArtifact(repository, digest);
  if (about.isPending || isPending) return <Loading />;
  const title = tag
    ? words.artifacts.tags.title(repository, tag)
    : texts.title(repository, shortDigest(digest));
  if (!about.data)
    return (
      <Page title={title} crumbs={crumbsOf(repository)}>
        <Failure error={about.error} retry={() => void about.refetch()} />
      </Page>
    );
  if (!artifact)
    return <Gone repository={repository} title={title} error={error} retry={() => void refetch()} />;
  const { type, media_type: mediaType } = artifact;
  const subject = { repository, digest, type, mediaType, tag, may: about.data.may };
  return (
    <Page
      title={title}
      crumbs={crumbsOf(repository)}
      about={<Head subject={subject} artifact={artifact} />}
      actions={<Manage repository={repository} artifact={artifact} tag={tag} may={about.data.may} />}
    >
      <SubjectTabs
        label={texts.tabs(title)}
        subject={subject}
        tabs={tabsOf(features, "artifactTabs", subject)}
      />
    </Page>
  );
}

function Head({ subject, artifact }: { subject: ArtifactSubject; artifact: Artifact }) {
  const { repository } = subject;
  const size = contentSize(artifact);
  return (
    <Stack gap={4}>
      <Group gap="4px 16px">
        <Type type={artifact.type} />
        <Marks subject={subject} />
        <Copyable value={artifact.digest} shown={shortDigest(artifact.digest)} what={artifact.digest} />
        {size > 0 && <Bytes value={size} />}
        <Group gap={5}>
          {texts.pushed} <Moment at={artifact.pushed_at} /> {texts.by}
          <Principal identity={artifact.pushed_by} />
        </Group>
      </Group>
      <Group gap={8}>
        {artifact.tags.length > 0 ? (
          <>
            <Text span inherit>
              {texts.tags}
            </Text>
            <TagList repository={repository} tags={artifact.tags} shown={SHOWN_TAGS} />
          </>
        ) : (
          texts.untagged
        )}
      </Group>
      {artifact.type === "pending" && <Text inherit>{words.artifacts.pendingHint}</Text>}
    </Stack>
  );
}

/** Configuration and layers, of an index those of its entries, in bytes. */
function contentSize({ facts, children }: Artifact): number {
  return (facts?.total_size ?? 0) + children.reduce((sum, child) => sum + (child.total_size ?? 0), 0);
}

interface Managed {
  repository: string;
  artifact: Artifact;
  tag: string | undefined;
  may: readonly string[];
}

/** What can be done with it, for whoever may. */
function Manage({ repository, artifact, tag, may }: Managed) {
  const [isAsked, ask] = useState(false);
  const navigate = useNavigate();
  const removeTag = useTagRemoval(repository, may);
  if (!may.includes("delete")) return null;
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} />}>
            {texts.manage}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {tag && (
            <Menu.Item
              leftSection={<IconTrash size={16} />}
              color="var(--mantine-color-error)"
              onClick={() =>
                void removeTag(tag, artifact.digest, () =>
                  navigate({ to: artifactAddress(repository, artifact.digest) }),
                )
              }
            >
              {texts.removeTag(tag)}
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconTrash size={16} />}
            color="var(--mantine-color-error)"
            onClick={() => ask(true)}
          >
            {texts.remove}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <DeleteArtifact
        repository={repository}
        artifact={artifact}
        may={may}
        isOpen={isAsked}
        onClose={() => ask(false)}
        onDone={() => navigate({ to: repositoryAddress(repository) })}
      />
    </>
  );
}

interface Missing {
  repository: string;
  title: string;
  error: unknown;
  retry: () => void;
}

function Gone({ repository, title, error, retry }: Missing) {
  const isMissing = error instanceof Problem && error.status === 404;
  if (!isMissing)
    return (
      <Page title={title} crumbs={crumbsOf(repository)}>
        <Failure error={error} retry={retry} />
      </Page>
    );
  return (
    <Page title={title} crumbs={crumbsOf(repository)}>
      <Notice
        icon={IconZoomQuestion}
        title={texts.gone}
        text={texts.goneHint}
        action={
          <Button
            component={Link}
            to={repositoryAddress(repository)}
            search={{ tab: "bin" } as never}
            variant="default"
          >
            {texts.toBin}
          </Button>
        }
      />
    </Page>
  );
}
