// SPDX-License-Identifier: Apache-2.0
import { TextInput } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { AddressesField, addressesIn, Choice, DialogForm, SecretDialog } from "@/ui";
import { words } from "@/words";
import { type Expiry, ExpiryField, termsOf, USUAL_EXPIRY } from "./ExpiryField";
import { NewSecretShown } from "./NewSecretShown";
import { isRobotName } from "./names";
import { type NewSecret, REGISTRY, type Role, useRefresh } from "./queries";

const text = words.robots;

interface Properties {
  project: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks for a robot, then shows its secret. */
export function CreateRobot({ project, ...dialog }: Properties) {
  const refresh = useRefresh();
  return (
    <SecretDialog<NewSecret>
      {...dialog}
      size="lg"
      title={(made) => (made ? text.made.title(made.name) : text.creation.title)}
      ask={(show, close) => (
        <RobotForm
          project={project}
          onDone={(made) => {
            show(made);
            refresh();
          }}
          onCancel={close}
        />
      )}
      shown={(made, close) => <NewSecretShown made={made} onDone={close} />}
    />
  );
}

interface FormProperties {
  project: string;
  onDone: (made: NewSecret) => void;
  onCancel: () => void;
}

function RobotForm({ project, onDone, onCancel }: FormProperties) {
  const [name, setName] = useState("");
  const [role, setRole] = useState<Role>("write");
  const [expiry, setExpiry] = useState<Expiry>(USUAL_EXPIRY);
  const [addresses, setAddresses] = useState("");
  const addressed = { allowed_addresses: addressesIn(addresses) };
  const [pattern, setPattern] = useState("**");
  const isOfRegistry = project === REGISTRY;
  const grants = [{ path_pattern: pattern, role, tag_pattern: "" }];
  const body = { name, ...(isOfRegistry ? { grants } : { project, role }), ...addressed, ...termsOf(expiry) };
  return (
    <DialogForm
      act={text.creation.act}
      isReady={isRobotName(name) && (!isOfRegistry || pattern !== "")}
      run={() => answer(api.POST("/api/v1/robots", { body }))}
      onDone={onDone}
      onCancel={onCancel}
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
      <ExpiryField value={expiry} onChange={setExpiry} />
      <AddressesField value={addresses} onChange={setAddresses} />
    </DialogForm>
  );
}
