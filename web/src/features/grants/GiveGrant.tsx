// SPDX-License-Identifier: Apache-2.0
import { Code, Stack, Switch, Table, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import {
  DialogForm,
  IN_PARTICULAR,
  identityOf,
  isMany,
  isSomebody,
  NOBODY,
  PRINCIPAL_KINDS,
  PrincipalFields,
  SYSTEM,
} from "@/ui";
import { words } from "@/words";
import { momentOf, NEVER } from "./ends";
import { covered, isTagPattern } from "./patterns";
import { useRefresh } from "./queries";
import { RoleChoice } from "./RoleChoice";
import { hasTags, ROLES, SYSTEM_ROLES, useRoles } from "./roles";
import { UntilField } from "./UntilField";

const text = words.grants;

/** Asks who gets which role, and where. */
export function GiveGrant({ within, onEnd }: { within: string; onEnd: () => void }) {
  const [who, setWho] = useState(NOBODY);
  const [isSystem, setSystem] = useState(false);
  const [pattern, setPattern] = useState(within && `${within}/**`);
  const [role, setRole] = useState<string>("read");
  const [tags, setTags] = useState("");
  const [end, setEnd] = useState(NEVER);
  const roles = useRoles();
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  const runTheRegistry = (wanted: boolean) => {
    setSystem(wanted);
    setRole(wanted ? SYSTEM_ROLES[0] : ROLES[1]);
    if (wanted && isMany(who.kind)) setWho(NOBODY);
  };
  const typed = pattern.trim();
  const limited = !isSystem && hasTags(role, roles) ? tags.trim() : "";
  const expiresAt = momentOf(end, new Date());
  const isReady =
    isSomebody(who) &&
    (isSystem || covered(typed)) &&
    (!limited || isTagPattern(limited)) &&
    expiresAt !== undefined;
  const give = () => {
    const body = {
      principal: identityOf(who),
      path_pattern: isSystem ? SYSTEM : typed,
      role,
      tag_pattern: limited,
      expires_at: momentOf(end, new Date()) ?? null,
    };
    return answer(api.POST("/api/v1/grants", { body }));
  };
  return (
    <DialogForm act={text.giving.act} isReady={Boolean(isReady)} run={give} onDone={done} onCancel={onEnd}>
      <PrincipalFields value={who} onChange={setWho} kinds={isSystem ? IN_PARTICULAR : PRINCIPAL_KINDS} />
      <Switch
        label={text.giving.system}
        description={text.giving.systemRule}
        checked={isSystem}
        onChange={(event) => runTheRegistry(event.currentTarget.checked)}
      />
      {!isSystem && <PatternField value={pattern} onChange={setPattern} />}
      <RoleChoice value={role} onChange={setRole} roles={roles} isSystem={isSystem} />
      {!isSystem && hasTags(role, roles) && <TagsField value={tags} onChange={setTags} />}
      <UntilField value={end} onChange={setEnd} />
    </DialogForm>
  );
}

interface Field {
  value: string;
  onChange: (value: string) => void;
}

function PatternField({ value, onChange }: Field) {
  const typed = value.trim();
  const covers = covered(typed);
  return (
    <>
      <TextInput
        label={text.giving.pattern}
        description={text.giving.patternRule}
        error={typed && covers === undefined ? text.giving.patternInvalid : undefined}
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
      />
      {covers && (
        <Text size="sm" role="status">
          {text.giving.covers} {covers}
        </Text>
      )}
      {!typed && <Examples />}
    </>
  );
}

function TagsField({ value, onChange }: Field) {
  const typed = value.trim();
  return (
    <TextInput
      label={text.giving.tags}
      description={text.giving.tagsRule}
      error={typed && !isTagPattern(typed) ? text.giving.tagsInvalid : undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      autoComplete="off"
      spellCheck={false}
    />
  );
}

function Examples() {
  return (
    <Stack gap={4}>
      <Text size="sm" fw={500}>
        {text.patterns.title}
      </Text>
      <Table withRowBorders={false} verticalSpacing={2} horizontalSpacing={4}>
        <Table.Tbody>
          {text.patterns.examples.map((example) => (
            <Table.Tr key={example}>
              <Table.Td miw={104}>
                <Code>{example}</Code>
              </Table.Td>
              <Table.Td>{covered(example)}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Stack>
  );
}
