// SPDX-License-Identifier: Apache-2.0
import { Input, Text } from "@mantine/core";
import { useGuide } from "@/shell/guide";
import { Command, Moment, Secret } from "@/ui";
import { words } from "@/words";
import { loginLine } from "./logins";
import type { NewSecret } from "./queries";

const text = words.robots.made;

/** A secret that was just made, with lines to log in by it. */
export function NewSecretShown({ made, onDone }: { made: NewSecret; onDone: () => void }) {
  const { data: guide } = useGuide();
  const registry = { address: guide?.address ?? "", isPlain: guide?.scheme === "http" };
  const login = { name: made.name, secret: made.secret ?? "" };
  return (
    <Secret value={login.secret} what={text.secret} onDone={onDone}>
      <Text size="sm">
        {made.expires_at ? (
          <>
            {text.until} <Moment at={made.expires_at} />
          </>
        ) : (
          text.forEver
        )}
      </Text>
      {(["docker", "podman"] as const).map((client) => (
        <Input.Wrapper key={client} label={text[client]} labelElement="div">
          <Command text={loginLine(client, registry, login)} what={text.login(client)} />
        </Input.Wrapper>
      ))}
    </Secret>
  );
}
