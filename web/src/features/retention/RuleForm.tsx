// SPDX-License-Identifier: Apache-2.0
import { Fieldset, NativeSelect, Stack, Text, TextInput } from "@mantine/core";
import { useEffect, useRef } from "react";
import type { Problem } from "@/api";
import { Choice } from "@/ui";
import { retention } from "@/words/retention";
import { CriterionField } from "./CriterionField";
import { CRITERIA, type Criterion, KINDS } from "./criteria";
import type { DraftRule, Fault } from "./drafts";
import { type Place, refusalText } from "./refused";

const text = retention.rule;
const MAX_NAME_CHARACTERS = 64;
const MAX_DESCRIPTION_CHARACTERS = 300;

/** What the server refused, and where. */
export interface Refused extends Place {
  problem: Problem;
}

interface Properties {
  rule: DraftRule;
  faults: readonly Fault[];
  refused: Refused | undefined;
  onChange: (rule: DraftRule) => void;
}

/** Asks what a rule does, and with what. Only the conditions that it has are shown. */
export function RuleForm({ rule, faults, refused, onChange }: Properties) {
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const change = (changed: Partial<DraftRule>) => onChange({ ...rule, ...changed });
  const ask = (criterion: Criterion, typed: string) =>
    change({ asked: { ...rule.asked, [criterion]: typed } });
  const asked = CRITERIA.filter((criterion) => criterion in rule.asked);
  const errorAt = (field: Place["field"]) =>
    refused?.field === field ? refusalText(refused.problem) : undefined;
  const nameFault = faults.find((fault) => fault === "nameInvalid" || fault === "nameTaken");
  return (
    <Stack gap="sm">
      <TextInput
        ref={first}
        label={text.name}
        description={text.nameRule}
        error={nameFault ? text.faults[nameFault] : errorAt("name")}
        value={rule.name}
        maxLength={MAX_NAME_CHARACTERS}
        onChange={(event) => change({ name: event.currentTarget.value })}
        autoComplete="off"
        spellCheck={false}
        required
      />
      <Choice
        label={text.effect}
        options={text.effects}
        value={rule.effect}
        onChange={(effect) => change({ effect })}
      />
      <Fieldset legend={text.which}>
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {text.whichRule}
          </Text>
          {asked.map((criterion) => (
            <CriterionField
              key={criterion}
              criterion={criterion}
              typed={rule.asked[criterion] ?? ""}
              by={rule.newestBy}
              error={faults.includes(criterion) ? faultText(criterion) : errorAt(criterion)}
              onChange={(typed) => ask(criterion, typed)}
              onBy={(newestBy) => change({ newestBy })}
              onDrop={() => change({ asked: without(rule.asked, criterion) })}
            />
          ))}
          {faults.includes("nothingAsked") && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {text.faults.nothingAsked}
            </Text>
          )}
          {refused?.field === "rule" && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {refusalText(refused.problem)}
            </Text>
          )}
          <AddCriterion
            asked={asked}
            onAdd={(criterion) => ask(criterion, criterion === "is_tagged" ? "yes" : "")}
          />
        </Stack>
      </Fieldset>
      <TextInput
        label={text.description}
        description={text.descriptionRule}
        value={rule.description}
        maxLength={MAX_DESCRIPTION_CHARACTERS}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
    </Stack>
  );
}

function AddCriterion({
  asked,
  onAdd,
}: {
  asked: readonly Criterion[];
  onAdd: (criterion: Criterion) => void;
}) {
  const left = CRITERIA.filter((criterion) => !asked.includes(criterion));
  if (!left.length) return null;
  return (
    <NativeSelect
      label={text.add}
      value=""
      onChange={(event) => event.currentTarget.value && onAdd(event.currentTarget.value as Criterion)}
      data={[
        { value: "", label: text.choose },
        ...left.map((criterion) => ({ value: criterion, label: text.criteria[criterion].label })),
      ]}
    />
  );
}

function without(asked: DraftRule["asked"], criterion: Criterion): DraftRule["asked"] {
  const { [criterion]: _, ...others } = asked;
  return others;
}

/** What is wrong, in words. */
export function faultText(fault: Fault): string {
  if (fault === "nameInvalid" || fault === "nameTaken" || fault === "nothingAsked") return text.faults[fault];
  const kind = KINDS[fault];
  return kind === "days" || kind === "size" || kind === "newest" ? text.faults[kind] : text.faults.empty;
}
