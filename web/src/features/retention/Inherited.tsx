// SPDX-License-Identifier: Apache-2.0
import { Anchor, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Problem } from "@/api";
import { useMay } from "@/shell/session";
import { Loading, Refusal } from "@/ui";
import { retention } from "@/words/retention";
import { usePolicy } from "./queries";
import { RuleCard, RuleCards } from "./RuleCard";
import { above, pageOf, type Scope } from "./scope";

const text = retention.above;

/** The rules of the levels above, which count here too. */
export function Inherited({ scope }: { scope: Scope }) {
  const levels = above(scope);
  const mayReadSystem = useMay("read-system");
  if (!levels.length) return null;
  return (
    <Stack gap="sm">
      <div>
        <Title order={2} size="h4">
          {text.title}
        </Title>
        <Text size="sm" c="dimmed">
          {text.about}
        </Text>
      </div>
      {levels.map((level) =>
        level.level === "registry" && !mayReadSystem ? (
          <Hidden key={level.level} scope={level} />
        ) : (
          <OfLevel key={level.level} scope={level} />
        ),
      )}
    </Stack>
  );
}

function Hidden({ scope }: { scope: Scope }) {
  return (
    <Stack gap="xs">
      <Title order={3} size="h5">
        {text.of(retention.scopes[scope.level](scope.name))}
      </Title>
      <Text size="sm" c="dimmed">
        {text.forbidden}
      </Text>
    </Stack>
  );
}

function OfLevel({ scope }: { scope: Scope }) {
  const policy = usePolicy(scope);
  const whose = retention.scopes[scope.level](scope.name);
  if (policy.error instanceof Problem && policy.error.status === 403) return <Hidden scope={scope} />;
  return (
    <Stack gap="xs">
      <Group gap="xs">
        <Title order={3} size="h5">
          {text.of(whose)}
        </Title>
        {policy.data !== undefined && (
          <Anchor
            component={Link}
            to={pageOf(scope)}
            search={{ tab: "retention" } as never}
            size="sm"
            aria-label={`${text.open}: ${text.of(whose)}`}
          >
            {text.open}
          </Anchor>
        )}
      </Group>
      {policy.isPending && <Loading />}
      {policy.error && <Refusal error={policy.error} />}
      {policy.data !== undefined && !policy.data?.rules.length && (
        <Text size="sm" c="dimmed">
          {text.none}
        </Text>
      )}
      {!!policy.data?.rules.length && (
        <RuleCards label={text.of(whose)}>
          {policy.data.rules.map((rule) => (
            <RuleCard key={rule.name} rule={rule} />
          ))}
        </RuleCards>
      )}
    </Stack>
  );
}
