// SPDX-License-Identifier: Apache-2.0
import { Button, Checkbox, Group, NumberInput, Text, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import type { ArtifactSubject } from "@/shell/feature";
import { DialogForm, formatBytes, Refusal } from "@/ui";
import { copies } from "@/words/copies";
import { LONGEST_FOLLOWED, type NewCopy, previewCopy, startCopy, useRenewal } from "./queries";

const text = copies.starting;

/** The tags in what somebody typed. */
export function tagsIn(typed: string): string[] {
  return [...new Set(typed.split(/[\s,]+/).filter(Boolean))];
}

interface Properties {
  subject: ArtifactSubject;
  onEnd: () => void;
}

/** Asks where an artifact is to be copied to, and shows what that would bring. */
export function StartCopy({ subject: { repository, digest, tag }, onEnd }: Properties) {
  const [target, setTarget] = useState("");
  const [tags, setTags] = useState(tag ?? "");
  const [withReferrers, setWithReferrers] = useState(true);
  const [hours, setHours] = useState(24);
  const renew = useRenewal(repository);
  const wanted: NewCopy = {
    target: target.trim(),
    digest,
    tags: tagsIn(tags),
    with_referrers: withReferrers,
    follow_hours: withReferrers ? hours : 0,
  };
  const looking = useMutation({ mutationFn: () => previewCopy(repository, wanted) });
  const change =
    <Value,>(set: (value: Value) => void) =>
    (value: Value) => {
      looking.reset();
      set(value);
    };
  const isReady = wanted.target !== "";
  const run = async () => {
    await startCopy(repository, wanted);
    await renew();
  };
  return (
    <DialogForm act={text.act} isReady={isReady} run={run} onDone={onEnd} onCancel={onEnd}>
      <TextInput
        label={text.target}
        description={text.targetRule}
        value={target}
        onChange={(event) => change(setTarget)(event.currentTarget.value)}
        maxLength={255}
        required
        data-autofocus
      />
      <TextInput
        label={text.tags}
        description={text.tagsRule}
        value={tags}
        onChange={(event) => change(setTags)(event.currentTarget.value)}
      />
      <Checkbox
        label={text.withReferrers}
        description={text.withReferrersRule}
        checked={withReferrers}
        onChange={(event) => change(setWithReferrers)(event.currentTarget.checked)}
      />
      {withReferrers && (
        <NumberInput
          label={text.follow}
          description={text.followRule}
          value={hours}
          onChange={(value) => change(setHours)(Number(value) || 0)}
          min={0}
          max={LONGEST_FOLLOWED}
          allowDecimal={false}
        />
      )}
      <Group>
        <Button
          variant="default"
          disabled={!isReady}
          loading={looking.isPending}
          onClick={() => looking.mutate()}
        >
          {text.preview}
        </Button>
        {looking.data?.map((found) => (
          <Text key={found.digest} size="sm" role="status">
            {text.would(found.new_manifests, found.manifest_count, formatBytes(found.new_bytes))}
          </Text>
        ))}
      </Group>
      <Refusal error={looking.error} />
    </DialogForm>
  );
}
