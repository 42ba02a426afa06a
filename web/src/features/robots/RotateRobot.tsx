// SPDX-License-Identifier: Apache-2.0
import { NativeSelect, Text } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { DialogForm, SecretDialog } from "@/ui";
import { words } from "@/words";
import { type Expiry, ExpiryField, termsOf, USUAL_EXPIRY } from "./ExpiryField";
import { NewSecretShown } from "./NewSecretShown";
import { type NewSecret, useRefresh } from "./queries";

const text = words.robots;
const OVERLAPS = ["0", "60", "1440", "10080"] as const;

interface Properties {
  robot: string;
  isOpen: boolean;
  onClose: () => void;
}

/** Asks how to change a robot's secret, then shows the new one. */
export function RotateRobot({ robot, ...dialog }: Properties) {
  const refresh = useRefresh();
  return (
    <SecretDialog<NewSecret>
      {...dialog}
      size="lg"
      title={() => text.rotate.title(robot)}
      ask={(show, close) => (
        <RotationForm
          robot={robot}
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
  robot: string;
  onDone: (made: NewSecret) => void;
  onCancel: () => void;
}

function RotationForm({ robot, onDone, onCancel }: FormProperties) {
  const [overlap, setOverlap] = useState<string>(OVERLAPS[0]);
  const [expiry, setExpiry] = useState<Expiry>(USUAL_EXPIRY);
  const rotate = () =>
    answer(
      api.POST("/api/v1/robots/{robot}:rotate", {
        params: { path: { robot } },
        body: { overlap_minutes: Number(overlap), ...termsOf(expiry) },
      }),
    );
  return (
    <DialogForm act={text.rotate.act} run={rotate} onDone={onDone} onCancel={onCancel}>
      <Text>{text.rotate.why}</Text>
      <NativeSelect
        label={text.rotate.overlap}
        description={text.rotate.overlapRule}
        value={overlap}
        onChange={(event) => setOverlap(event.currentTarget.value)}
        data={OVERLAPS.map((minutes) => ({ value: minutes, label: text.rotate.overlaps[minutes] }))}
        data-autofocus
      />
      <ExpiryField value={expiry} onChange={setExpiry} />
    </DialogForm>
  );
}
