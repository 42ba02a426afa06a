// SPDX-License-Identifier: Apache-2.0
import { Code, Stack, Table, Text, TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { Choice, DialogForm } from "@/ui";
import { words } from "@/words";
import { identityOf, NOBODY, PrincipalFields } from "./PrincipalFields";
import { covered } from "./patterns";
import { type Role, useRefresh } from "./queries";

const text = words.grants;

export function GiveGrant({ onEnd }: { onEnd: () => void }) {
  const [who, setWho] = useState(NOBODY);
  const [pattern, setPattern] = useState("");
  const [role, setRole] = useState<Role>("read");
  const refresh = useRefresh();
  const done = () => {
    refresh();
    onEnd();
  };
  const typed = pattern.trim();
  const covers = covered(typed);
  const body = { principal: identityOf(who), path_pattern: typed, role };
  return (
    <DialogForm
      act={text.giving.act}
      isReady={who.name.trim() !== "" && covers !== undefined}
      run={() => answer(api.POST("/api/v1/grants", { body }))}
      onDone={done}
      onCancel={onEnd}
    >
      <PrincipalFields value={who} onChange={setWho} />
      <TextInput
        label={text.giving.pattern}
        description={text.giving.patternRule}
        error={typed && covers === undefined ? text.giving.patternInvalid : undefined}
        value={pattern}
        onChange={(event) => setPattern(event.currentTarget.value)}
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
      <Choice label={text.role} options={text.roles} value={role} onChange={setRole} />
    </DialogForm>
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
