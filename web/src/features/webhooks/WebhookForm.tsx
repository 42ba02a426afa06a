// SPDX-License-Identifier: Apache-2.0
import { NativeSelect, Stack, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import { DialogForm } from "@/ui";
import { webhooks as text } from "@/words/webhooks";
import { FORMATS, type Format, type Item, type Terms } from "./queries";

interface Properties<Answer> {
  /** What it says now; nothing for a new one. */
  webhook?: Item;
  act: string;
  run: (terms: Terms) => Promise<Answer>;
  onDone: (answer: Answer) => void;
  onCancel: () => void;
}

/** What a webhook says: where, of what, and how. */
export function WebhookForm<Answer>({ webhook, run, ...form }: Properties<Answer>) {
  const [name, setName] = useState(webhook?.name ?? "");
  const [url, setUrl] = useState(webhook?.url ?? "");
  const [events, setEvents] = useState((webhook?.events ?? []).join(" "));
  const [paths, setPaths] = useState((webhook?.paths ?? []).join(" "));
  const [format, setFormat] = useState<Format>(webhook?.format ?? "cloudevents");
  const [template, setTemplate] = useState(webhook?.template || text.templateBegin);
  const [headers, setHeaders] = useState("");
  const given = parseHeaders(headers);
  const terms = (): Terms => ({
    name,
    url,
    events: wordsOf(events),
    paths: wordsOf(paths),
    format,
    template: format === "template" ? template : "",
    content_type: webhook?.content_type ?? "application/json",
    headers: headers.trim() ? (given ?? null) : null,
    revision: webhook?.revision ?? null,
  });
  return (
    <DialogForm {...form} isReady={name !== "" && url !== "" && given !== undefined} run={() => run(terms())}>
      <Stack gap="sm">
        <TextInput
          label={text.name}
          description={text.nameHint}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          data-autofocus
        />
        <TextInput
          label={text.address}
          description={text.addressHint}
          placeholder="https://"
          value={url}
          onChange={(event) => setUrl(event.currentTarget.value)}
        />
        <TextInput
          label={text.events}
          description={text.eventsHint}
          placeholder="tag.* manifest.pushed"
          value={events}
          onChange={(event) => setEvents(event.currentTarget.value)}
        />
        <TextInput
          label={text.paths}
          description={text.pathsHint}
          value={paths}
          onChange={(event) => setPaths(event.currentTarget.value)}
        />
        <NativeSelect
          label={text.format}
          description={text.formats[format].description}
          value={format}
          onChange={(event) => setFormat(event.currentTarget.value as Format)}
          data={FORMATS.map((value) => ({ value, label: text.formats[value].label }))}
        />
        {format === "template" && (
          <Textarea
            label={text.template}
            description={text.templateHint}
            autosize
            minRows={4}
            maxRows={16}
            value={template}
            onChange={(event) => setTemplate(event.currentTarget.value)}
            styles={{ input: { fontFamily: "monospace" } }}
          />
        )}
        <Textarea
          label={text.headers}
          description={webhook ? text.headersKept(webhook.header_names) : text.headersHint}
          placeholder="Authorization: Bearer …"
          autosize
          value={headers}
          onChange={(event) => setHeaders(event.currentTarget.value)}
          error={given === undefined && text.noHeaders}
        />
      </Stack>
    </DialogForm>
  );
}

function wordsOf(given: string): string[] {
  return given.split(/[\s,]+/).filter((each) => each !== "");
}

/** Lines of `Name: value`; undefined for anything else. */
function parseHeaders(given: string): Record<string, string> | undefined {
  const lines = given.split("\n").filter((line) => line.trim() !== "");
  const found = lines.map((line) => /^([^:\s]+):\s*(.+)$/.exec(line.trim()));
  if (found.some((each) => each === null)) return undefined;
  return Object.fromEntries(found.map((each) => [each?.[1] ?? "", each?.[2] ?? ""]));
}
