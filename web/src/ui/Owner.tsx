// SPDX-License-Identifier: Apache-2.0
import { Anchor, Text } from "@mantine/core";
import type { components } from "@/api";
import { descriptions as text } from "@/words/descriptions";
import { addressOf } from "./address";
import { Principal } from "./Principal";

type Owner = components["schemas"]["OwnerView"];

/** Whom to ask. Not part of `@/ui`, as its words are loaded late. */
export function OwnedBy({ owner }: { owner: Owner }) {
  return (
    <Text component="div" size="sm">
      {text.askAbout} <Named owner={owner} />
    </Text>
  );
}

/** A user or a group by name; a contact by its text, which is a link where it is the address of a page or of mail. */
export function Named({ owner: { kind, name } }: { owner: Owner }) {
  if (kind !== "contact") return <Principal identity={`${kind}:${name}`} />;
  const address = addressOf(/^[^\s@:/]+@[^\s@:/]+$/.test(name) ? `mailto:${name}` : name);
  if (!address) return name;
  return (
    <Anchor href={address} target="_blank" rel="noopener noreferrer nofollow" inherit>
      {name}
    </Anchor>
  );
}
