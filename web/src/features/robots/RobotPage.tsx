// SPDX-License-Identifier: Apache-2.0
import { Anchor, Button, Code, Group, Stack, Table, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { answer, api, type components } from "@/api";
import { ChangeAddresses, Copyable, Failure, Loading, Moment, Page, Principal, RoleName } from "@/ui";
import { words } from "@/words";
import { REGISTRY, useRefresh, useRobot } from "./queries";
import { RobotActions } from "./RobotActions";
import { RobotSecrets } from "./RobotSecrets";
import { RobotState, SecretState } from "./states";

type Robot = components["schemas"]["RobotView"];

const text = words.robots;
const CRUMBS = [{ label: text.title, to: "/robots" }];

export default function RobotPage() {
  const { robot: name = "" } = useParams({ strict: false }) as { robot?: string };
  const robot = useRobot(name);
  const navigate = useNavigate();
  if (robot.isError)
    return (
      <Page title={name} crumbs={CRUMBS}>
        <Failure error={robot.error} retry={() => void robot.refetch()} />
      </Page>
    );
  if (robot.isPending) return <Loading />;
  const { project } = robot.data;
  const leave = () => navigate({ to: "/robots" as "/", search: { project: project ?? REGISTRY } as never });
  return (
    <Page
      title={name}
      crumbs={CRUMBS}
      about={
        project ? (
          <Anchor component={Link} to={`/projects/${project}` as "/"} search={{ tab: "robots" } as never}>
            {text.details.about(project)}
          </Anchor>
        ) : (
          text.details.ofRegistry
        )
      }
      actions={<RobotActions robot={robot.data} onDeleted={leave} />}
    >
      <Facts robot={robot.data} />
      <RobotSecrets robot={name} />
      <Grants grants={robot.data.grants} />
    </Page>
  );
}

function Facts({ robot }: { robot: Robot }) {
  return (
    <Table variant="vertical" layout="fixed" maw={760} withTableBorder>
      <Table.Tbody>
        <Fact label={text.columns.name}>
          <Copyable value={robot.name} what={text.columns.name} />
        </Fact>
        <Fact label={text.details.state}>
          <RobotState robot={robot} />
        </Fact>
        <Fact label={text.details.created}>
          <Made at={robot.created_at} by={robot.created_by} />
        </Fact>
        <Fact label={text.details.secret}>
          <SecretState secret={robot.secret} />
        </Fact>
        <Fact label={text.columns.used}>
          {robot.last_used_at ? <Moment at={robot.last_used_at} /> : text.neverUsed}
        </Fact>
        <Fact label={text.addresses.fact}>
          <Addresses robot={robot} />
        </Fact>
        {robot.alias && (
          <Fact label={text.details.alias}>
            <Copyable value={robot.alias} what={text.details.alias} />
          </Fact>
        )}
      </Table.Tbody>
    </Table>
  );
}

function Addresses({ robot }: { robot: Robot }) {
  const [isOpen, { open, close }] = useDisclosure();
  const refresh = useRefresh();
  const params = { path: { robot: robot.name } };
  const change = (addresses: string[]) =>
    answer(api.PATCH("/api/v1/robots/{robot}", { params, body: { allowed_addresses: addresses } }));
  return (
    <Group gap="xs">
      {robot.allowed_addresses.length ? (
        robot.allowed_addresses.map((address) => <Code key={address}>{address}</Code>)
      ) : (
        <span>{text.addresses.anywhere}</span>
      )}
      <Button variant="subtle" size="compact-sm" onClick={open}>
        {text.addresses.item}
      </Button>
      <ChangeAddresses
        title={text.addresses.title(robot.name)}
        allowed={robot.allowed_addresses}
        isOpen={isOpen}
        onClose={close}
        run={change}
        onDone={refresh}
      />
    </Group>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th w={140}>{label}</Table.Th>
      <Table.Td>{children}</Table.Td>
    </Table.Tr>
  );
}

function Made({ at, by }: { at: string; by: string }) {
  return (
    <Group gap={4}>
      <Moment at={at} /> {text.by} <Principal identity={by} />
    </Group>
  );
}

function Grants({ grants }: { grants: Robot["grants"] }) {
  return (
    <Stack gap="xs" maw={760}>
      <Title order={2} size="h4">
        {text.details.grants}
      </Title>
      {!grants.length && <Text c="dimmed">{text.details.noGrants}</Text>}
      {grants.length > 0 && (
        <Table withTableBorder>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{text.details.role}</Table.Th>
              <Table.Th>{text.details.on}</Table.Th>
              <Table.Th>{text.details.tags}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {grants.map((grant) => (
              <Table.Tr key={`${grant.role} ${grant.path_pattern} ${grant.tag_pattern}`}>
                <Table.Td>
                  <RoleName role={grant.role} />
                </Table.Td>
                <Table.Td>
                  <Code>{grant.path_pattern}</Code>
                </Table.Td>
                <Table.Td>
                  {grant.tag_pattern ? <Code>{grant.tag_pattern}</Code> : text.details.everyTag}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  );
}
