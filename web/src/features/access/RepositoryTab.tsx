// SPDX-License-Identifier: Apache-2.0
import { Anchor, Badge, Group, NativeSelect, Stack, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { RepositorySubject } from "@/shell/feature";
import { useInAddress } from "@/ui";
import { words } from "@/words";
import { ACTIONS, type Action, actionOf } from "./actions";
import { Holders } from "./Holders";

const text = words.access;
const MANAGES = "manage-members";

/** What the viewer may do in a repository; and who else may what, for those who manage that. */
export default function RepositoryTab({ subject }: { subject: RepositorySubject }) {
  const search = { action: "push", repository: subject.name } as never;
  return (
    <Stack gap="xl">
      <Stack gap="sm" align="flex-start">
        <Title order={2} size="h4">
          {text.tab.yours}
        </Title>
        <Group gap={6}>
          {ACTIONS.filter((action) => subject.may.includes(action)).map((action) => (
            <Allowed key={action} action={action} />
          ))}
        </Group>
        <Anchor component={Link} to={"/access" as "/"} search={search} size="sm">
          {text.tab.why}
        </Anchor>
      </Stack>
      {subject.may.includes(MANAGES) && <Others repository={subject.name} />}
    </Stack>
  );
}

function Allowed({ action }: { action: Action }) {
  const { label, description } = words.roles.actions[action];
  return (
    <Badge variant="default" tt="none" fw={500} miw="max-content" title={description}>
      {label}
    </Badge>
  );
}

function Others({ repository }: { repository: string }) {
  const [named, choose] = useInAddress("action");
  const action = named ? actionOf(named) : "push";
  return (
    <Stack gap="sm">
      <NativeSelect
        label={text.tab.who}
        value={action}
        onChange={(event) => choose(event.currentTarget.value)}
        data={ACTIONS.map((each) => ({ value: each, label: words.roles.actions[each].label }))}
        maw={260}
      />
      <Holders question={{ action, repository, tag: "" }} />
    </Stack>
  );
}
