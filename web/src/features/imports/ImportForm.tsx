// SPDX-License-Identifier: Apache-2.0
import { Checkbox, NativeSelect, PasswordInput, SimpleGrid, Stack, Textarea, TextInput } from "@mantine/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { Problem } from "@/api";
import { DialogForm } from "@/ui";
import { imports } from "@/words/imports";
import { choose, KINDS, type KindName } from "./kinds";
import { type Import, startImport, useRenewal } from "./queries";
import { dryRunOf, type Field, fieldOf, type Typed } from "./terms";

const text = imports.starting;

interface Properties {
  typed: Typed;
  onType: (typed: Typed) => void;
  onLook: (found: Import) => void;
  onCancel: () => void;
}

type TextField = { [Name in keyof Typed]: string extends Typed[Name] ? Name : never }[keyof Typed];

const CHOICES = Object.entries(KINDS).map(([value, { label }]) => ({ value, label }));

/** Asks what is wanted of which registry, and has the server find out what would come. */
export function ImportForm({ typed, onType, onLook, onCancel }: Properties) {
  const [refused, setRefused] = useState<unknown>();
  const password = useRef<HTMLInputElement>(null);
  const fields = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!refused) return;
    const field = fields.current?.querySelector<HTMLElement>('[aria-invalid="true"]');
    field?.focus({ preventScroll: true });
    field?.scrollIntoView?.({ block: "center" });
  }, [refused]);
  const renew = useRenewal();
  const kind = KINDS[typed.kind];
  const errorOf = (field: Field): ReactNode =>
    fieldOf(refused) === field ? <Why error={refused} /> : undefined;
  const put = (changed: Partial<Typed>) => {
    setRefused(undefined);
    onType({ ...typed, ...changed });
  };
  const field = (name: TextField) => ({
    label: text[name],
    value: typed[name],
    onChange: (event: { currentTarget: { value: string } }) => put({ [name]: event.currentTarget.value }),
    error: errorOf(name),
    autoComplete: "off",
  });
  const run = async () => {
    setRefused(undefined);
    try {
      const found = await startImport(dryRunOf(typed, password.current?.value ?? ""));
      await renew();
      return found;
    } catch (error) {
      setRefused(error);
      throw error;
    }
  };
  return (
    <DialogForm
      act={text.preview}
      isReady={typed.url.trim() !== "" && typed.project.trim() !== "" && typed.repositories.trim() !== ""}
      run={run}
      onDone={onLook}
      onCancel={onCancel}
      explain={(error) => (fieldOf(error) ? null : error)}
    >
      <Stack ref={fields}>
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <NativeSelect
            label={text.kind}
            description={text.kindRule}
            value={typed.kind}
            onChange={(event) => put(choose(event.currentTarget.value as KindName, typed))}
            data={CHOICES}
          />
          <TextInput
            {...field("url")}
            description={text.urlRule}
            placeholder={kind.address}
            data-autofocus
            required
          />
          <TextInput {...field("username")} description={kind.username} />
          <PasswordInput
            ref={password}
            label={text.password}
            description={text.passwordRule}
            error={errorOf("password")}
            autoComplete="off"
          />
        </SimpleGrid>
        <Textarea
          {...field("repositories")}
          description={kind.lists ? text.repositoriesRule : text.namesRule}
          autosize
          maxRows={8}
          required
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }}>
          <TextInput {...field("project")} description={text.projectRule} required />
          <TextInput {...field("prefix")} description={text.prefixRule} />
          <TextInput {...field("without")} description={text.withoutRule} />
          <TextInput {...field("strip")} type="number" min={0} max={8} description={text.stripRule} />
          <TextInput {...field("tags")} description={text.tagsRule} />
          <TextInput {...field("withoutTags")} description={text.withoutTagsRule} />
          <TextInput {...field("since")} type="date" description={text.sinceRule} />
          <TextInput {...field("newest")} type="number" min={1} description={text.newestRule} />
          <NativeSelect
            label={text.differs}
            description={text.differsRule}
            value={typed.overwrite ? "move" : "keep"}
            onChange={(event) => put({ overwrite: event.currentTarget.value === "move" })}
            data={[
              { value: "keep", label: text.keep },
              { value: "move", label: text.move },
            ]}
          />
          <TextInput {...field("rate")} type="number" min={0} step="any" description={text.rateRule} />
        </SimpleGrid>
        <Checkbox
          label={text.withReferrers}
          description={text.withReferrersRule}
          checked={typed.withReferrers}
          onChange={(event) => put({ withReferrers: event.currentTarget.checked })}
        />
      </Stack>
    </DialogForm>
  );
}

function Why({ error }: { error: unknown }) {
  if (!(error instanceof Problem)) return null;
  return (
    <span role="alert">
      {error.message}
      {error.hint && `. ${error.hint}`}
    </span>
  );
}
