// SPDX-License-Identifier: Apache-2.0
import { Autocomplete, NativeSelect, Stack } from "@mantine/core";
import { useGroupNames, useRobotNames, useUserNames } from "@/shell/accounts";
import { words } from "@/words";
import { isMany, type Named, type PrincipalKind } from "./principals";

const text = words.ui.principalFields;

interface Properties {
  value: Named;
  onChange: (value: Named) => void;
  /** Of which kinds it can be. */
  kinds: readonly PrincipalKind[];
  /** Whose robots to offer. */
  project?: string;
}

/** Asks for somebody, offering the names that the viewer may list. */
export function PrincipalFields({ value, onChange, kinds, project = "" }: Properties) {
  const { kind } = value;
  const names = useNames(project);
  return (
    <Stack gap="xs">
      <NativeSelect
        label={text.kind}
        description={isMany(kind) ? text.manyHint[kind] : undefined}
        value={kind}
        onChange={(event) => onChange({ kind: event.currentTarget.value as PrincipalKind, name: "" })}
        data={kinds.map((each) => ({ value: each, label: words.ui.principals[each] }))}
      />
      {!isMany(kind) && (
        <Autocomplete
          label={text.names[kind].label}
          description={text.names[kind].description}
          data={offered(names[kind], value.name)}
          value={value.name}
          onChange={(name) => onChange({ kind, name })}
          limit={5}
          comboboxProps={{ withinPortal: false }}
          openOnFocus={false}
          autoComplete="off"
          spellCheck={false}
          required
          data-autofocus
        />
      )}
    </Stack>
  );
}

/** What to offer beneath the field: nothing once a name is there in full, so that it covers nothing. */
function offered(names: string[] | undefined, typed: string): string[] {
  return !names || names.includes(typed) ? [] : names;
}

function useNames(project: string): Partial<Record<PrincipalKind, string[]>> {
  return { user: useUserNames(), group: useGroupNames(), robot: useRobotNames(project) };
}
