// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, List, NativeSelect, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ArtifactSubject } from "@/shell/feature";
import { DialogForm, Failure, formatBytes, Loading, Refusal } from "@/ui";
import { promotions } from "@/words/promotions";
import {
  LONGEST_NOTE,
  type Path,
  type Preview,
  peopleOf,
  previewPromotion,
  promote,
  usePathsFrom,
  useRenewal,
} from "./queries";

const text = promotions.promote;

interface Properties {
  subject: ArtifactSubject;
  onEnd: () => void;
}

/** Asks along which path an artifact is to be promoted, and shows what that would bring and what refuses it. */
export function Promote({ subject, onEnd }: Properties) {
  const paths = usePathsFrom(subject.repository.split("/")[0] ?? "");
  if (paths.isPending) return <Loading />;
  if (paths.isError) return <Failure error={paths.error} retry={() => void paths.refetch()} />;
  if (paths.data.length === 0) return <Text>{text.none}</Text>;
  return <Form subject={subject} onEnd={onEnd} paths={paths.data} />;
}

function Form({ subject: { repository, digest, tag }, onEnd, paths }: Properties & { paths: Path[] }) {
  const [path, setPath] = useState(paths.length === 1 ? (paths[0]?.path ?? "") : "");
  const [note, setNote] = useState("");
  const renew = useRenewal();
  const chosen = paths.find((each) => each.path === path);
  const wanted = { path, note: note.trim(), ...(tag === undefined ? { digest } : { tag }) };
  const looking = useMutation({ mutationFn: () => previewPromotion(repository, wanted) });
  const run = async () => {
    await promote(repository, wanted);
    await renew();
  };
  return (
    <DialogForm act={text.act} isReady={path !== ""} run={run} onDone={onEnd} onCancel={onEnd}>
      <NativeSelect
        label={text.path}
        description={chosen && takes(chosen)}
        value={path}
        onChange={(event) => {
          looking.reset();
          setPath(event.currentTarget.value);
        }}
        data={[{ value: "", label: text.choose, disabled: true }, ...paths.map((each) => each.path)]}
        required
        data-autofocus
      />
      {tag === undefined && (
        <Text size="sm" c="dimmed">
          {text.byDigest}
        </Text>
      )}
      <TextInput
        label={text.note}
        value={note}
        onChange={(event) => setNote(event.currentTarget.value)}
        maxLength={LONGEST_NOTE}
      />
      <Group>
        <Button
          variant="default"
          disabled={path === ""}
          loading={looking.isPending}
          onClick={() => looking.mutate()}
        >
          {text.preview}
        </Button>
      </Group>
      {looking.data && <Foretold preview={looking.data} />}
      <Refusal error={looking.error} />
    </DialogForm>
  );
}

function takes({ approvals, approvers }: Path): string {
  return approvals === 0 ? text.takesNone : `${text.takes(approvals)}: ${peopleOf(approvers)}`;
}

function Foretold({ preview }: { preview: Preview }) {
  const { target, new_manifests, manifest_count, new_bytes, refusals } = preview;
  return (
    <>
      <Text size="sm" role="status" style={{ overflowWrap: "anywhere" }}>
        {text.would(target, new_manifests, manifest_count, formatBytes(new_bytes))}
      </Text>
      {refusals.length > 0 && (
        <Alert color="orange" title={text.refusals}>
          <List size="sm">
            {refusals.map((each) => (
              <List.Item key={each}>{each}</List.Item>
            ))}
          </List>
        </Alert>
      )}
    </>
  );
}
