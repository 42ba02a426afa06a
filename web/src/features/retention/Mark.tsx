// SPDX-License-Identifier: Apache-2.0
import { Anchor, Group, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconArchive, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { repositoryAddress } from "@/shell/addresses";
import type { ArtifactSubject } from "@/shell/feature";
import { Dialog, nameOf, Until } from "@/ui";
import { retention } from "@/words/retention";
import { ExpiryForm } from "./ExpiryForm";
import { type Expiry, useExpiry, useVerdicts } from "./queries";

const text = retention.mark;

/** Says of a tag whether it stays and when it expires, where it is looked at by its name. */
export default function Mark({ subject }: { subject: ArtifactSubject }) {
  if (subject.tag === undefined) return null;
  return (
    <OfTag repository={subject.repository} tag={subject.tag} mayDelete={subject.may.includes("delete")} />
  );
}

interface Properties {
  repository: string;
  tag: string;
  mayDelete: boolean;
}

function OfTag({ repository, tag, mayDelete }: Properties) {
  const verdict = useVerdicts(repository, tag).data?.pages[0]?.items[0];
  const { data: expiry } = useExpiry(repository, tag);
  if (!verdict && !expiry) return null;
  return (
    <Group gap="4px 12px" style={{ flexBasis: "100%", order: 1 }} fz="sm">
      {verdict && (
        <Anchor
          component={Link}
          to={repositoryAddress(repository)}
          search={{ tab: "retention", view: "explain", of: tag } as never}
          inherit
          c={verdict.fate === "kept" ? "dimmed" : "var(--mantine-color-error)"}
          underline="hover"
          title={verdict.rules.join(", ")}
        >
          {verdict.fate === "kept" ? (
            <IconArchive size={14} aria-hidden />
          ) : (
            <IconTrash size={14} aria-hidden />
          )}{" "}
          {told(verdict.fate, verdict.reason, verdict.rules)}
        </Anchor>
      )}
      {expiry && <Expires expiry={expiry} repository={repository} tag={tag} mayDelete={mayDelete} />}
    </Group>
  );
}

function told(fate: "kept" | "deleted", reason: string, rules: readonly string[]): string {
  const why = rules.length ? `${reason} (${rules.join(", ")})` : reason;
  return fate === "kept" ? text.kept(why) : text.goes(why);
}

/** Who says when it goes. */
function saidBy({ source, set_by }: Expiry): string {
  return source === "somebody" ? text.setBy(nameOf(set_by ?? "")) : text.asArtifactSays;
}

function Expires({ expiry, repository, tag, mayDelete }: Properties & { expiry: Expiry }) {
  const [isOpen, { open, close }] = useDisclosure();
  const isSaid = expiry.source !== "nobody";
  return (
    <>
      {isSaid && (
        <Text span inherit c="dimmed">
          {expiry.expires_at ? (
            <>
              {text.expires} <Until at={expiry.expires_at} /> {saidBy(expiry)}
            </>
          ) : (
            `${text.never} ${saidBy(expiry)}`
          )}
        </Text>
      )}
      {mayDelete && (
        <>
          <Anchor component="button" type="button" inherit onClick={open}>
            {isSaid ? text.change : text.set}
          </Anchor>
          <Dialog title={text.title(tag)} isOpen={isOpen} onClose={close}>
            <ExpiryForm repository={repository} tag={tag} expiry={expiry} onEnd={close} />
          </Dialog>
        </>
      )}
    </>
  );
}
