// SPDX-License-Identifier: Apache-2.0
import { TextInput } from "@mantine/core";
import { type ComponentProps, useState } from "react";
import { answer, api } from "@/api";
import { AddressesField, addressesIn, Choice } from "@/ui";
import { words } from "@/words";
import { type DialogState, NewSecretDialog, NewSecretForm } from "./NewSecretDialog";
import { isRobotName } from "./names";
import { REGISTRY, type Role } from "./queries";

const text = words.robots;

/** Asks for a robot, then shows its secret. */
export function CreateRobot({ project, ...dialog }: DialogState & { project: string }) {
  return (
    <NewSecretDialog
      {...dialog}
      title={(made) => (made ? text.made.title(made.name) : text.creation.title)}
      ask={(ends) => <RobotForm project={project} {...ends} />}
    />
  );
}

type FormProperties = Pick<ComponentProps<typeof NewSecretForm>, "onDone" | "onCancel"> & { project: string };

function RobotForm({ project, ...ends }: FormProperties) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("write");
  const [addresses, setAddresses] = useState("");
  const addressed = { allowed_addresses: addressesIn(addresses) };
  const [pattern, setPattern] = useState("**");
  const isOfRegistry = project === REGISTRY;
  const grants = [{ path_pattern: pattern, role, tag_pattern: "" }];
  const wanted = { name, ...(isOfRegistry ? { grants } : { project, role }), ...addressed };
  return (
    <NewSecretForm
      {...ends}
      act={text.creation.act}
      isReady={isRobotName(name) && (!isOfRegistry || pattern !== "")}
      run={(terms) => answer(api.POST("/api/v1/robots", { body: { ...wanted, ...terms } }))}
    >
      <TextInput
        label={text.creation.name}
        description={text.creation.nameRule(project, name)}
        error={name && !isRobotName(name) ? text.creation.nameInvalid : undefined}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
        autoComplete="off"
        spellCheck={false}
        required
        data-autofocus
      />
      {isOfRegistry && (
        <TextInput
          label={text.creation.pattern}
          description={text.creation.patternRule}
          value={pattern}
          onChange={(event) => setPattern(event.currentTarget.value)}
          autoComplete="off"
          spellCheck={false}
          required
        />
      )}
      <Choice
        label={isOfRegistry ? text.creation.roleThere : text.creation.roleIn(project)}
        options={words.roles.builtIn}
        value={role}
        onChange={setRole}
      />
      <AddressesField value={addresses} onChange={setAddresses} />
    </NewSecretForm>
  );
}
