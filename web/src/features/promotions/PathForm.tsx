// SPDX-License-Identifier: Apache-2.0
import { Checkbox, NumberInput, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/ui";
import { promotions } from "@/words/promotions";
import { LONGEST_HOURS, MOST_APPROVALS, type Path, putPath, type Terms, useRenewal } from "./queries";

const text = promotions.paths;

/** What is typed of a path: all but the numbers as text. */
interface Draft extends Required<Omit<Terms, "revision" | "approvers">> {
  project: string;
  name: string;
  approvers: string;
}

function draftOf(path?: Path): Draft {
  return {
    project: path?.project ?? "",
    name: path?.name ?? "",
    source: path?.source ?? "",
    repositories: path?.repositories ?? "",
    prefix: path?.prefix ?? "",
    tags: path?.tags ?? "",
    tag_suffix: path?.tag_suffix ?? "",
    approvals: path?.approvals ?? 1,
    approvers: (path?.approvers ?? []).map((each) => each.replace(/^user:/, "")).join(" "),
    own_request_counts: path?.own_request_counts ?? false,
    wait_hours: path?.wait_hours ?? 7 * 24,
    follow_hours: path?.follow_hours ?? 24,
  };
}

/** The users and groups in what somebody typed. */
export function approversIn(typed: string): string[] {
  return [...new Set(typed.split(/[\s,]+/).filter(Boolean))];
}

/** What a path is to say; `revision` 0 where it has to be new. */
export function termsOf(
  { project: _project, name: _name, approvers, ...rest }: Draft,
  revision: number,
): Terms {
  return { ...rest, approvers: approversIn(approvers), revision };
}

type TextName =
  | "project"
  | "name"
  | "source"
  | "repositories"
  | "prefix"
  | "tags"
  | "tag_suffix"
  | "approvers";

const FIELDS: { name: TextName; label: string; rule?: string; isRequired?: boolean; isFixed?: boolean }[] = [
  { name: "project", label: text.project, rule: text.projectRule, isRequired: true, isFixed: true },
  { name: "name", label: text.name, rule: text.nameRule, isRequired: true, isFixed: true },
  { name: "source", label: text.source, isRequired: true },
  { name: "repositories", label: text.repositories, rule: text.repositoriesRule },
  { name: "prefix", label: text.prefix, rule: text.prefixRule },
  { name: "tags", label: text.tags, rule: text.tagsRule },
  { name: "tag_suffix", label: text.suffix, rule: text.suffixRule },
  { name: "approvers", label: text.approvers, rule: text.approversRule },
];

/** Asks for a path, or for what one is to say from now on. */
export function PathForm({ path, onEnd }: { path?: Path; onEnd: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(path));
  const renew = useRenewal();
  const change = (changed: Partial<Draft>) => setDraft({ ...draft, ...changed });
  const isReady = [draft.project, draft.name, draft.source].every((each) => each.trim() !== "");
  const run = async () => {
    await putPath(draft.project.trim(), draft.name.trim(), termsOf(draft, path?.revision ?? 0));
    await renew();
  };
  return (
    <DialogForm act={text.act} isReady={isReady} run={run} onDone={onEnd} onCancel={onEnd}>
      {FIELDS.filter(({ isFixed }) => !(isFixed && path)).map(({ name, label, rule, isRequired }, place) => (
        <TextInput
          key={name}
          label={label}
          description={rule}
          value={draft[name]}
          onChange={(event) => change({ [name]: event.currentTarget.value })}
          required={isRequired}
          autoComplete="off"
          spellCheck={false}
          data-autofocus={place === 0 || undefined}
        />
      ))}
      <NumberInput
        label={text.approvals}
        description={text.approvalsRule}
        value={draft.approvals}
        onChange={(value) => change({ approvals: Number(value) || 0 })}
        min={0}
        max={MOST_APPROVALS}
        allowDecimal={false}
      />
      <Checkbox
        label={text.own}
        checked={draft.own_request_counts}
        onChange={(event) => change({ own_request_counts: event.currentTarget.checked })}
      />
      <Hours
        label={text.wait}
        value={draft.wait_hours}
        least={1}
        set={(wait_hours) => change({ wait_hours })}
      />
      <Hours
        label={text.follow}
        value={draft.follow_hours}
        least={0}
        set={(follow_hours) => change({ follow_hours })}
      />
    </DialogForm>
  );
}

interface HoursProperties {
  label: string;
  value: number;
  least: number;
  set: (hours: number) => void;
}

function Hours({ label, value, least, set }: HoursProperties) {
  return (
    <NumberInput
      label={label}
      value={value}
      onChange={(typed) => set(Number(typed) || least)}
      min={least}
      max={LONGEST_HOURS}
      allowDecimal={false}
    />
  );
}
