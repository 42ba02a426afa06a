// SPDX-License-Identifier: Apache-2.0
import { NativeSelect, Text } from "@mantine/core";
import { useState } from "react";
import { answer, api } from "@/api";
import { Dialog, DialogForm } from "@/ui";
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
export function RotateRobot({ robot, isOpen, onClose }: Properties) {
  const [made, setMade] = useState<NewSecret>();
  const refresh = useRefresh();
  const done = (secret: NewSecret) => {
    setMade(secret);
    refresh();
  };
  const close = () => {
    setMade(undefined);
    onClose();
  };
  return (
    <Dialog
      size="lg"
      title={text.rotate.title(robot)}
      isOpen={isOpen}
      isHeld={made !== undefined}
      onClose={close}
    >
      {made ? (
        <NewSecretShown made={made} onDone={close} />
      ) : (
        <RotationForm robot={robot} onDone={done} onCancel={close} />
      )}
    </Dialog>
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
