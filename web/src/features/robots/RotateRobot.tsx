// SPDX-License-Identifier: Apache-2.0
import { NativeSelect, Text } from "@mantine/core";
import { type ComponentProps, useState } from "react";
import { answer, api } from "@/api";
import { words } from "@/words";
import type { SecretTerms } from "./ExpiryField";
import { type DialogState, NewSecretDialog, NewSecretForm } from "./NewSecretDialog";

const text = words.robots.rotate;
const OVERLAPS = ["0", "60", "1440", "10080"] as const;

/** Asks how to change a robot's secret, then shows the new one. */
export function RotateRobot({ robot, ...dialog }: DialogState & { robot: string }) {
  return (
    <NewSecretDialog
      {...dialog}
      title={() => text.title(robot)}
      ask={(ends) => <RotationForm robot={robot} {...ends} />}
    />
  );
}

type FormProperties = Pick<ComponentProps<typeof NewSecretForm>, "onDone" | "onCancel"> & { robot: string };

function RotationForm({ robot, ...ends }: FormProperties) {
  const [overlap, setOverlap] = useState<string>(OVERLAPS[0]);
  const params = { path: { robot } };
  const rotate = (terms: SecretTerms) => {
    const body = { overlap_minutes: Number(overlap), ...terms };
    return answer(api.POST("/api/v1/robots/{robot}:rotate", { params, body }));
  };
  return (
    <NewSecretForm {...ends} act={text.act} run={rotate}>
      <Text>{text.why}</Text>
      <NativeSelect
        label={text.overlap}
        description={text.overlapRule}
        value={overlap}
        onChange={(event) => setOverlap(event.currentTarget.value)}
        data={OVERLAPS.map((minutes) => ({ value: minutes, label: text.overlaps[minutes] }))}
        data-autofocus
      />
    </NewSecretForm>
  );
}
