// SPDX-License-Identifier: Apache-2.0
import { Autocomplete, Input, SegmentedControl, Stack } from "@mantine/core";
import { useId } from "react";
import { words } from "@/words";
import { useRobotNames, useUserNames } from "./queries";

const text = words.grants;
const KINDS = ["user", "robot"] as const;

export interface Named {
  kind: (typeof KINDS)[number];
  name: string;
}

export const NOBODY: Named = { kind: "user", name: "" };

export function identityOf({ kind, name }: Named): string {
  return `${kind}:${name.trim()}`;
}

interface Properties {
  value: Named;
  onChange: (value: Named) => void;
  /** Whose robots to offer. */
  project?: string;
}

/** Asks for a user or a robot, offering those that the viewer may list. */
export function PrincipalFields({ value, onChange, project = "" }: Properties) {
  const label = useId();
  const userNames = useUserNames();
  const robotNames = useRobotNames(project);
  return (
    <Stack gap="xs">
      <Input.Wrapper label={text.kind} labelElement="div" labelProps={{ id: label }}>
        <SegmentedControl
          fullWidth
          mt={4}
          aria-labelledby={label}
          value={value.kind}
          onChange={(kind) => onChange({ kind: kind as Named["kind"], name: "" })}
          data={KINDS.map((kind) => ({ value: kind, label: text.kinds[kind] }))}
        />
      </Input.Wrapper>
      <Autocomplete
        label={text.names[value.kind].label}
        description={text.names[value.kind].description}
        data={value.kind === "user" ? userNames : robotNames}
        value={value.name}
        onChange={(name) => onChange({ ...value, name })}
        limit={5}
        comboboxProps={{ withinPortal: false }}
        openOnFocus={false}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
    </Stack>
  );
}
