// SPDX-License-Identifier: Apache-2.0
import { Button, Group, NativeSelect, Stack, TextInput, type TextInputProps } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { useViewer } from "@/shell/session";
import { words } from "@/words";
import { ACTIONS, actionOf, hasTags, type Question } from "./actions";

const text = words.access;

interface Properties {
  asked: Question;
  /** Whether it is about somebody. */
  hasWhom: boolean;
  onAsk: (question: Question) => void;
}

/** Puts a question together; one that was asked elsewhere, by a link, is shown. */
export function QuestionForm({ asked, hasWhom, onAsk }: Properties) {
  const [typed, setTyped] = useState(asked);
  const [seen, setSeen] = useState(asked);
  if (!isSame(seen, asked)) {
    setSeen(asked);
    setTyped(asked);
  }
  const viewer = useViewer()?.name ?? "";
  const change = (part: Partial<Question>) => setTyped({ ...typed, ...part });
  const isReady = typed.repository.trim() !== "";
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady) onAsk(trimmed(typed));
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="sm" align="flex-start">
        <Group align="flex-start" gap="sm" w="100%">
          <NativeSelect
            label={text.action}
            description={words.roles.actions[typed.action].description}
            inputWrapperOrder={BELOW}
            value={typed.action}
            onChange={(event) => change({ action: actionOf(event.currentTarget.value) })}
            data={ACTIONS.map((each) => ({ value: each, label: words.roles.actions[each].label }))}
            w={{ base: "100%", xs: 240 }}
          />
          <Field
            label={text.repository}
            placeholder={text.repositoryExample}
            value={typed.repository}
            onChange={(event) => change({ repository: event.currentTarget.value })}
            required
            w={{ base: "100%", xs: 260 }}
          />
          {hasTags(typed.action) && (
            <Field
              label={text.tag}
              description={text.tagRule}
              placeholder={text.tagExample}
              value={typed.tag}
              onChange={(event) => change({ tag: event.currentTarget.value })}
              w={{ base: "100%", xs: 160 }}
            />
          )}
          {hasWhom && (
            <Field
              label={text.whom}
              description={text.whomRule}
              placeholder={text.whomExample(viewer)}
              value={typed.principal}
              onChange={(event) => change({ principal: event.currentTarget.value })}
              w={{ base: "100%", xs: 280 }}
            />
          )}
        </Group>
        <Button type="submit" disabled={!isReady}>
          {text.ask}
        </Button>
      </Stack>
    </form>
  );
}

/** Fields stand beside each other: what explains them is below, so that they are in line. */
const BELOW: TextInputProps["inputWrapperOrder"] = ["label", "input", "description", "error"];

function Field(properties: TextInputProps) {
  return <TextInput inputWrapperOrder={BELOW} autoComplete="off" spellCheck={false} {...properties} />;
}

function isSame(one: Question, other: Question): boolean {
  return (Object.keys(one) as (keyof Question)[]).every((part) => one[part] === other[part]);
}

function trimmed({ action, repository, tag, principal }: Question): Question {
  return {
    action,
    repository: repository.trim(),
    tag: hasTags(action) ? tag.trim() : "",
    principal: principal.trim(),
  };
}
