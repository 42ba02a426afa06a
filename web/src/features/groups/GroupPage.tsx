// SPDX-License-Identifier: Apache-2.0
import { Alert, Anchor, Button, Group as Row, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";
import { Dialog, Failure, Loading, Moment, Page, Principal } from "@/ui";
import { words } from "@/words";
import { AddMember } from "./AddMember";
import { GroupActions } from "./GroupActions";
import { Members } from "./Members";
import { type Group, useGroup, useGroupsAround } from "./queries";

const text = words.groups;
const CRUMBS = [{ label: text.title, to: "/groups" }];

export default function GroupPage() {
  const { group: name = "" } = useParams({ strict: false }) as { group?: string };
  const group = useGroup(name);
  const navigate = useNavigate();
  const isAdministrator = useViewer()?.isAdministrator ?? false;
  if (group.isError)
    return (
      <Page title={name} crumbs={CRUMBS}>
        <Failure error={group.error} retry={() => void group.refetch()} />
      </Page>
    );
  if (group.isPending) return <Loading />;
  const leave = () => navigate({ to: "/groups" as "/" });
  const actions = isAdministrator && <GroupActions group={group.data} onDeleted={leave} />;
  return (
    <Page title={name} crumbs={CRUMBS} about={<About group={group.data} />} actions={actions}>
      <Around name={name} />
      <MembersPart group={group.data} mayChange={isAdministrator} />
    </Page>
  );
}

function About({ group: { name, description, created_at, created_by } }: { group: Group }) {
  const hasGrants = useIsMounted("grants");
  return (
    <Stack gap={4}>
      {description && <span>{description}</span>}
      <Row gap="xs">
        <Text size="sm" component="span">
          {text.columns.created} <Moment at={created_at} /> {words.projects.by}{" "}
          <Principal identity={created_by} />
        </Text>
        {hasGrants && (
          <Anchor
            component={Link}
            to={"/grants" as "/"}
            search={{ principal: `group:${name}` } as never}
            size="sm"
          >
            {text.grants}
          </Anchor>
        )}
      </Row>
    </Stack>
  );
}

/** The groups that it is in, if it is in any. */
function Around({ name }: { name: string }) {
  const { data } = useGroupsAround(name);
  if (!data?.items.length) return null;
  return (
    <Row gap="xs">
      <Text size="sm">{text.isIn}</Text>
      {data.items.map((group) => (
        <Anchor key={group.name} component={Link} to={`/groups/${group.name}` as "/"} size="sm">
          {group.name}
        </Anchor>
      ))}
    </Row>
  );
}

function MembersPart({ group: { name, provider }, mayChange }: { group: Group; mayChange: boolean }) {
  const [isOpen, { open, close }] = useDisclosure();
  const isOurs = mayChange && provider === null;
  return (
    <Stack gap="sm">
      <Row justify="space-between">
        <Title order={2} size="h4">
          {text.members}
        </Title>
        {isOurs && (
          <Button leftSection={<IconPlus size={16} />} onClick={open}>
            {text.add}
          </Button>
        )}
      </Row>
      {provider !== null && <Alert variant="default">{text.provided(provider)}</Alert>}
      <Members name={name} mayChange={isOurs} />
      <Dialog title={text.addition.title(name)} isOpen={isOpen} onClose={close}>
        <AddMember name={name} onEnd={close} />
      </Dialog>
    </Stack>
  );
}
