// SPDX-License-Identifier: Apache-2.0
import {
  Alert,
  Anchor,
  Button,
  Group,
  NumberInput,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
} from "@mantine/core";
import { notifications as notes } from "@mantine/notifications";
import { useState } from "react";
import { Failure, Loading, tellRefused } from "@/ui";
import { notifications as text } from "@/words/notifications";
import {
  type Channels,
  type NotificationKind,
  type Preferences,
  useActs,
  useKinds,
  usePreferences,
  type Wanted,
} from "./queries";

/** How the viewer wants to hear of things. */
export function PreferencesForm({ onBack }: { onBack: () => void }) {
  const preferences = usePreferences();
  const kinds = useKinds();
  const failed = preferences.error ?? kinds.error;
  const again = () => void (preferences.error ? preferences.refetch() : kinds.refetch());
  return (
    <Stack maw={720}>
      <Anchor component="button" type="button" onClick={onBack} ta="left" w="max-content">
        {text.back}
      </Anchor>
      {preferences.data && kinds.data ? (
        <>
          <Address preferences={preferences.data} />
          <Choices preferences={preferences.data} kinds={kinds.data} />
        </>
      ) : failed ? (
        <Failure error={failed} retry={again} />
      ) : (
        <Loading />
      )}
    </Stack>
  );
}

function Address({ preferences }: { preferences: Preferences }) {
  const [address, setAddress] = useState(preferences.address ?? "");
  const [code, setCode] = useState("");
  const { nameAddress, confirmAddress } = useActs();
  if (!preferences.is_mail_on) return <Alert variant="light">{text.mailOff}</Alert>;
  return (
    <Stack gap="xs">
      <Title order={2} size="h4">
        {text.mail}
      </Title>
      <Group align="end">
        <TextInput
          label={text.address}
          description={text.addressHint}
          value={address}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <Button
          variant="default"
          onClick={() => void nameAddress(address).catch((error) => tellRefused(error, text.sendCode))}
        >
          {text.sendCode}
        </Button>
      </Group>
      {preferences.awaited_address && (
        <Group align="end">
          <TextInput
            label={text.code}
            description={text.awaited(preferences.awaited_address)}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
          />
          <Button
            onClick={() => void confirmAddress(code).catch((error) => tellRefused(error, text.confirm))}
          >
            {text.confirm}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Choices({ preferences, kinds }: { preferences: Preferences; kinds: NotificationKind[] }) {
  const [wanted, setWanted] = useState<Wanted>({
    digest: preferences.digest,
    hour: preferences.hour,
    weekday: preferences.weekday,
    time_zone: preferences.time_zone,
    kinds: preferences.kinds,
  });
  const { choose } = useActs();
  const save = async () => {
    await choose(wanted);
    notes.show({ message: text.saved });
  };
  const change = (part: Partial<Wanted>) => setWanted({ ...wanted, ...part });
  return (
    <Stack>
      <Group align="end">
        <Select
          label={text.digest}
          data={Object.entries(text.digests).map(([value, label]) => ({ value, label }))}
          value={wanted.digest}
          allowDeselect={false}
          onChange={(digest) => change({ digest: digest as Wanted["digest"] })}
        />
        {wanted.digest === "weekly" && (
          <Select
            label={text.weekday}
            data={text.weekdays.map((label, day) => ({ value: String(day), label }))}
            value={String(wanted.weekday)}
            allowDeselect={false}
            onChange={(day) => change({ weekday: Number(day) })}
          />
        )}
        <NumberInput
          label={text.hour}
          min={0}
          max={23}
          value={wanted.hour}
          onChange={(hour) => change({ hour: Number(hour) })}
        />
        <TextInput
          label={text.zone}
          value={wanted.time_zone}
          onChange={(event) => change({ time_zone: event.currentTarget.value })}
        />
      </Group>
      <Title order={2} size="h4">
        {text.kinds}
      </Title>
      {kinds.map((kind) => (
        <Group key={kind.name} justify="space-between" gap="xs">
          <Text size="sm" flex="1 1 260px">
            {kind.about}
          </Text>
          <Select
            aria-label={kind.about}
            data={channelsFor(kind)}
            value={wanted.kinds?.[kind.name] ?? kind.channels}
            allowDeselect={false}
            onChange={(chosen) => change({ kinds: { ...wanted.kinds, [kind.name]: chosen as Channels } })}
          />
        </Group>
      ))}
      <Group>
        <Button onClick={() => void save().catch((error) => tellRefused(error, text.save))}>
          {text.save}
        </Button>
      </Group>
    </Stack>
  );
}

function channelsFor(kind: NotificationKind) {
  return (Object.entries(text.channels) as [Channels, string][])
    .filter(([value]) => !kind.is_essential || value === "both" || value === "console")
    .map(([value, label]) => ({ value, label }));
}
