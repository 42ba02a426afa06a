// SPDX-License-Identifier: Apache-2.0
import { CloseButton, Group, NativeSelect, Textarea, TextInput } from "@mantine/core";
import { retention } from "@/words/retention";
import { type By, type Criterion, KINDS } from "./criteria";
import classes from "./retention.module.css";

const text = retention.rule;
const BYS = ["push", "pull", "version"] as const;

interface Properties {
  criterion: Criterion;
  typed: string;
  by: By;
  error: string | undefined;
  onChange: (typed: string) => void;
  onBy: (by: By) => void;
  onDrop: () => void;
}

/** One condition of a rule, with a way to take it out. */
export function CriterionField({ onDrop, ...properties }: Properties) {
  const { label } = text.criteria[properties.criterion];
  return (
    <div className={classes.criterion}>
      <Field {...properties} />
      <CloseButton mt={22} onClick={onDrop} aria-label={text.drop(label)} title={text.drop(label)} />
    </div>
  );
}

function Field({ criterion, typed, by, error, onChange, onBy }: Omit<Properties, "onDrop">) {
  const kind = KINDS[criterion];
  const shared = { ...text.criteria[criterion], error: typed ? error : error && text.faults.empty };
  if (kind === "tagged")
    return (
      <NativeSelect
        {...shared}
        value={typed}
        onChange={(event) => onChange(event.currentTarget.value)}
        data={Object.entries(text.tagged).map(([value, label]) => ({ value, label }))}
      />
    );
  const typing = { ...shared, value: typed, autoComplete: "off", spellCheck: false };
  if (kind === "lines")
    return (
      <Textarea
        {...typing}
        autosize
        minRows={1}
        maxRows={8}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
    );
  const isNumber = kind === "days" || kind === "newest";
  const field = (
    <TextInput
      {...typing}
      inputMode={isNumber ? "numeric" : undefined}
      onChange={(event) => onChange(event.currentTarget.value)}
      flex={1}
    />
  );
  if (kind !== "newest") return field;
  return (
    <Group align="end" gap="sm">
      {field}
      <NativeSelect
        label={text.by}
        value={by}
        onChange={(event) => onBy(event.currentTarget.value as By)}
        data={BYS.map((value) => ({ value, label: text.bys[value] }))}
      />
    </Group>
  );
}
