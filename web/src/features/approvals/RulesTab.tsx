// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox, Group, Stack, Text } from "@mantine/core";
import { type UseMutationResult, useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useMay } from "@/shell/session";
import { Failure, Loading, Refusal } from "@/ui";
import { words } from "@/words";
import { type Act, useActs, useRules } from "./queries";

const text = words.approvals;
const ACTS = (Object.keys(text.acts) as Act[]).filter((act) => act !== "approvals.weaken");

/** Which acts take a second person; administrators change it. */
export default function RulesTab() {
  const rules = useRules();
  const { setRules } = useActs();
  const saving = useMutation({ mutationFn: setRules });
  if (rules.isPending) return <Loading />;
  if (rules.isError) return <Failure error={rules.error} retry={() => void rules.refetch()} />;
  const acts = rules.data.map(({ act }) => act);
  // Begun anew where somebody else changed them meanwhile: all of them are set at once.
  return <Form key={acts.join(" ")} acts={acts} saving={saving} />;
}

interface Properties {
  acts: Act[];
  saving: UseMutationResult<void, Error, Act[]>;
}

function Form({ acts, saving }: Properties) {
  const isAdministrator = useMay("administer");
  const [chosen, setChosen] = useState<string[]>(acts);
  const choose = (ticked: string[]) => {
    setChosen(ticked);
    saving.reset();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate(ACTS.filter((act) => chosen.includes(act)));
      }}
    >
      <Stack maw={640}>
        <Text size="sm">{text.rules.about}</Text>
        <Checkbox.Group
          value={chosen}
          onChange={choose}
          readOnly={!isAdministrator}
          aria-label={text.tabs.rules}
        >
          <Stack gap="sm">
            {ACTS.map((act) => (
              <Checkbox
                key={act}
                value={act}
                label={text.acts[act]}
                description={text.rules.hints[act]}
                disabled={!isAdministrator}
              />
            ))}
          </Stack>
        </Checkbox.Group>
        <Refusal error={saving.error} />
        {isAdministrator && (
          <Group>
            <Button type="submit" loading={saving.isPending}>
              {text.rules.save}
            </Button>
            {saving.isSuccess && <Text role="status">{text.rules.saved}</Text>}
          </Group>
        )}
      </Stack>
    </form>
  );
}
