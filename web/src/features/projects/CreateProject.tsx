// SPDX-License-Identifier: Apache-2.0
import { TextInput } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { answer, api } from "@/api";
import { Choice, DialogForm } from "@/ui";
import { words } from "@/words";
import { isProjectName } from "./names";
import { useRefresh, type Visibility } from "./queries";

const text = words.projects;

export function CreateProject({ onCancel }: { onCancel: () => void }) {
  const [name, setName] = useState("");
  const [visibility, setVisibility] = useState<Visibility | "asTemplate">("asTemplate");
  const refresh = useRefresh();
  const navigate = useNavigate();
  const done = () => {
    refresh();
    void navigate({ to: `/projects/${name}` as "/" });
  };
  return (
    <DialogForm
      act={text.creation.act}
      isReady={isProjectName(name)}
      run={() =>
        answer(
          api.POST("/api/v1/projects", {
            body: { name, visibility: visibility === "asTemplate" ? null : visibility },
          }),
        )
      }
      onDone={done}
      onCancel={onCancel}
    >
      <TextInput
        label={text.creation.name}
        description={text.creation.nameRule}
        error={name && !isProjectName(name) ? text.creation.nameInvalid : undefined}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
      <Choice
        label={text.visibility}
        options={{ asTemplate: text.asTemplate, ...text.visibilities }}
        value={visibility}
        onChange={setVisibility}
      />
    </DialogForm>
  );
}
