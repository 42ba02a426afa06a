// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Card, Group, Stack, Text } from "@mantine/core";
import { IconDeviceMobile, IconKey } from "@tabler/icons-react";
import { useState } from "react";
import { answer, api } from "@/api";
import { hasPasskeys } from "@/shell/passkey";
import { Confirm, Empty, Failure, Loading, Moment } from "@/ui";
import { counted, words } from "@/words";
import { AddApp } from "./AddApp";
import { AddKey } from "./AddKey";
import { type Factor, type Factors, OWN, useFactors, useRefreshFactors } from "./queries";
import { RecoveryCodes } from "./RecoveryCodes";

const text = words.secondFactors;

/** The viewer's second factors: what there is, adding, removing, recovery codes. */
export default function SecondFactorsTab() {
  const factors = useFactors();
  if (factors.isPending) return <Loading />;
  if (factors.isError) return <Failure error={factors.error} retry={() => void factors.refetch()} />;
  return <Content factors={factors.data} />;
}

function Content({ factors }: { factors: Factors }) {
  const [adding, setAdding] = useState<"app" | "key" | null>(null);
  const [codes, setCodes] = useState<readonly string[]>([]);
  const refresh = useRefreshFactors();
  const end = (made: readonly string[]) => {
    setAdding(null);
    setCodes(made);
    if (!made.length) void refresh();
  };
  return (
    <Stack>
      <Text c="dimmed">
        {text.about} {factors.required && text.required}
      </Text>
      {factors.items.length ? (
        factors.items.map((factor) => <FactorCard key={factor.id} factor={factor} />)
      ) : (
        <Empty title={text.none} />
      )}
      <Group>
        <Button leftSection={<IconDeviceMobile size={16} />} onClick={() => setAdding("app")}>
          {text.addApp}
        </Button>
        <Button
          variant="default"
          leftSection={<IconKey size={16} />}
          disabled={!factors.webauthn_possible || !hasPasskeys()}
          onClick={() => setAdding("key")}
        >
          {text.addKey}
        </Button>
      </Group>
      {factors.webauthn_obstacle && (
        <Alert color="gray" title={text.keyImpossible}>
          {factors.webauthn_obstacle}
        </Alert>
      )}
      {factors.items.length > 0 && <CodesLeft left={factors.recovery_codes_left} onNew={setCodes} />}
      <AddApp isOpen={adding === "app"} onEnd={end} />
      <AddKey isOpen={adding === "key"} onEnd={end} />
      <RecoveryCodes
        codes={codes}
        onDone={() => {
          setCodes([]);
          void refresh();
        }}
      />
    </Stack>
  );
}

function FactorCard({ factor }: { factor: Factor }) {
  const [isAsking, setAsking] = useState(false);
  const refresh = useRefreshFactors();
  const remove = async () => {
    await answer(api.DELETE(`${OWN}/{factor}`, { params: { path: { factor: factor.id } } }));
    await refresh();
  };
  return (
    <Card withBorder padding="sm">
      <Group justify="space-between">
        <Group>
          {factor.method === "totp" ? <IconDeviceMobile size={22} /> : <IconKey size={22} />}
          <div>
            <Text fw={600}>{factor.name}</Text>
            <Text size="sm" c="dimmed">
              {text.methods[factor.method]}
              {factor.host && ` · ${text.onlyAt(factor.host)}`}
            </Text>
          </div>
        </Group>
        <Group gap="lg">
          <Text size="sm" c="dimmed">
            {text.used} <Moment at={factor.last_used_at} />
          </Text>
          <Button
            size="compact-sm"
            variant="subtle"
            color="red"
            aria-label={text.removeOf(factor.name)}
            onClick={() => setAsking(true)}
          >
            {text.remove}
          </Button>
        </Group>
      </Group>
      <Confirm
        title={text.removeTitle(factor.name)}
        text={text.removeText}
        act={text.remove}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        run={remove}
      />
    </Card>
  );
}

function CodesLeft({ left, onNew }: { left: number; onNew: (codes: readonly string[]) => void }) {
  const [isAsking, setAsking] = useState(false);
  const renew = async () => {
    const made = await answer(api.POST(`${OWN}/recovery-codes`));
    onNew(made.recovery_codes);
  };
  return (
    <Group justify="space-between">
      <Text c={left ? "dimmed" : "red"}>{text.codesLeft(counted(left, text.codeForms))}</Text>
      <Button variant="subtle" size="compact-sm" onClick={() => setAsking(true)}>
        {text.newCodes}
      </Button>
      <Confirm
        title={text.newCodesTitle}
        text={text.newCodesText}
        act={text.newCodes}
        isOpen={isAsking}
        onClose={() => setAsking(false)}
        run={renew}
      />
    </Group>
  );
}
