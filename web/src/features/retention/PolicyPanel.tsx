// SPDX-License-Identifier: Apache-2.0
import { Button, Group, Menu, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown, IconFileImport, IconPencil, IconSparkles, IconTrash } from "@tabler/icons-react";
import { Confirm, Dialog, Empty, Fact, Facts, Failure, Loading, Moment, Principal } from "@/ui";
import { retention } from "@/words/retention";
import { ImportForm } from "./ImportForm";
import { Inherited } from "./Inherited";
import { MakePlan } from "./MakePlan";
import { Presets } from "./Presets";
import { type Policy, type Rule, usePolicy, useRemovePolicy } from "./queries";
import { RuleCard, RuleCards } from "./RuleCard";
import { whenOf } from "./schedule";
import type { Scope } from "./scope";

const text = retention.policy;

interface Properties {
  scope: Scope;
  mayChange: boolean;
  /** Lets the policy be edited, with rules added to it and a schedule where it has none. */
  onEdit: (shown: Policy | null, added?: readonly Rule[], cron?: string) => void;
}

/** What is set at a level, and what counts there from above. */
export function PolicyPanel({ scope, mayChange, onEdit }: Properties) {
  const query = usePolicy(scope);
  if (query.isPending) return <Loading />;
  if (query.data === undefined) return <Failure error={query.error} retry={() => void query.refetch()} />;
  const policy = query.data;
  const use = (rules: readonly Rule[], cron?: string) => onEdit(policy, rules, cron);
  return (
    <Stack gap="lg">
      <Group justify="space-between" align="start">
        <Text c="dimmed" flex={1} miw={240}>
          {text.about[scope.level]}
        </Text>
        {mayChange && <Acts scope={scope} policy={policy} onEdit={() => onEdit(policy)} onUse={use} />}
      </Group>
      {policy ? <Own policy={policy} /> : <NothingYet scope={scope} mayChange={mayChange} onUse={use} />}
      <Inherited scope={scope} />
    </Stack>
  );
}

function Own({ policy }: { policy: Policy }) {
  return (
    <Stack gap="sm">
      <div>
        <Title order={2} size="h4">
          {text.here}
        </Title>
        {policy.rules.length > 1 && (
          <Text size="sm" c="dimmed">
            {text.order}
          </Text>
        )}
      </div>
      {policy.rules.length === 0 && <Text>{text.noRules}</Text>}
      <RuleCards label={text.here}>
        {policy.rules.map((rule) => (
          <RuleCard key={rule.name} rule={rule} />
        ))}
      </RuleCards>
      <Facts>
        <Fact name={text.when}>
          <span title={policy.cron || undefined}>{whenOf(policy.cron)}</span>
        </Fact>
        <Fact name={text.brake}>{text.braked(policy.brake_percent)}</Fact>
        <Fact name={text.labels}>{policy.expires_by_labels ? text.byLabels : text.notByLabels}</Fact>
        <Fact name={text.changed}>
          <Moment at={policy.changed_at} /> {text.by} <Principal identity={policy.changed_by} />
        </Fact>
      </Facts>
    </Stack>
  );
}

interface UseProperties {
  scope: Scope;
  mayChange: boolean;
  onUse: (rules: readonly Rule[], cron?: string) => void;
}

function NothingYet({ scope, mayChange, onUse }: UseProperties) {
  if (!mayChange) return <Empty title={text.noneToRead} text={text.noneHint[scope.level]} />;
  return (
    <Stack>
      <Empty title={text.none} text={`${text.noneHint[scope.level]} ${text.begin}`} />
      <Presets scope={scope} onUse={onUse} />
    </Stack>
  );
}

interface ActsProperties extends Omit<UseProperties, "mayChange"> {
  policy: Policy | null;
  onEdit: () => void;
}

function Acts({ scope, policy, onEdit, onUse }: ActsProperties) {
  const [isChoosing, choosing] = useDisclosure();
  const [isImporting, importing] = useDisclosure();
  const [isRemoving, removing] = useDisclosure();
  const remove = useRemovePolicy(scope);
  return (
    <Group gap="xs">
      {policy && <MakePlan scope={scope} />}
      <Button leftSection={<IconPencil size={16} />} onClick={onEdit}>
        {policy ? text.edit : text.set}
      </Button>
      <Menu position="bottom-end">
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={16} />}>
            {text.more}
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconSparkles size={16} />} onClick={choosing.open}>
            {text.fromPreset}
          </Menu.Item>
          {scope.level !== "registry" && (
            <Menu.Item leftSection={<IconFileImport size={16} />} onClick={importing.open}>
              {text.import}
            </Menu.Item>
          )}
          {policy && (
            <Menu.Item
              color="var(--mantine-color-error)"
              leftSection={<IconTrash size={16} />}
              onClick={removing.open}
            >
              {text.remove}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Dialog title={retention.presets.title} isOpen={isChoosing} onClose={choosing.close} size="xl">
        <Presets scope={scope} onUse={onUse} />
      </Dialog>
      <Dialog title={retention.import.title} isOpen={isImporting} onClose={importing.close} size="xl">
        <ImportForm scope={scope} onUse={onUse} />
      </Dialog>
      <Confirm
        title={text.removeTitle}
        text={text.removeText}
        act={text.removeAct}
        isOpen={isRemoving}
        onClose={removing.close}
        run={remove}
      />
    </Group>
  );
}
