// SPDX-License-Identifier: Apache-2.0
import { Button, Group, NativeSelect, TextInput } from "@mantine/core";
import { type FormEvent, useState } from "react";
import { words } from "@/words";
import { ACTIONS, type Action, actionOf } from "./actions";

const text = words.access;

interface Properties {
  action: Action;
  repository: string;
  onAsk: (action: Action, repository: string) => void;
}

export function Question({ action, repository, onAsk }: Properties) {
  const [wanted, setWanted] = useState(action);
  const [name, setName] = useState(repository);
  const [seen, setSeen] = useState({ action, repository });
  if (seen.action !== action || seen.repository !== repository) {
    setSeen({ action, repository });
    setWanted(action);
    setName(repository);
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (name.trim()) onAsk(wanted, name.trim());
  };
  return (
    <form onSubmit={submit}>
      <Group align="flex-end" gap="sm">
        <NativeSelect
          label={text.action}
          value={wanted}
          onChange={(event) => setWanted(actionOf(event.currentTarget.value))}
          data={ACTIONS.map((each) => ({ value: each, label: text.actions[each].label }))}
          w={{ base: "100%", xs: 160 }}
        />
        <TextInput
          label={text.repository}
          placeholder={text.repositoryExample}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          required
          w={{ base: "100%", xs: 320 }}
        />
        <Button type="submit" disabled={!name.trim()}>
          {text.ask}
        </Button>
      </Group>
    </form>
  );
}
