// SPDX-License-Identifier: Apache-2.0
import { Button, Group, SegmentedControl, Stack, Text } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { ROOT } from "@/api";
import { Copy, Failure, formatBytes, Loading, useInAddress } from "@/ui";
import { words } from "@/words";
import classes from "./artifacts.module.css";
import { JsonTree } from "./JsonTree";
import { type Json, parsedJson } from "./json";
import { documentAddress, type Part, useDocument } from "./queries";

const texts = words.artifacts.document;
const SHOWN_CHARACTERS = 256 * 1024;
const UNFOLDED_CHARACTERS = 16 * 1024;
const FEW = 2;
const ALL = 100;

interface Properties {
  repository: string;
  digest: string;
  part: Part;
  label: string;
}

/** A manifest or a configuration: readable or byte for byte, to copy and to download. */
export function DocumentView({ repository, digest, part, label }: Properties) {
  const { data: text, error, isPending, refetch } = useDocument(repository, digest, part);
  const [view, putView] = useInAddress("view");
  const document = useMemo(() => (text === undefined ? undefined : parsedJson(text)), [text]);
  if (isPending) return <Loading />;
  if (text === undefined) return <Failure error={error} retry={() => void refetch()} />;
  const isStored = view === "stored" || document === undefined;
  return (
    <Stack gap="sm">
      <Group gap="sm">
        {document !== undefined && (
          <SegmentedControl
            size="xs"
            aria-label={texts.view}
            value={isStored ? "stored" : "formatted"}
            onChange={(chosen) => putView(chosen === "stored" ? chosen : "")}
            data={[
              { value: "formatted", label: texts.formatted },
              { value: "stored", label: texts.stored },
            ]}
          />
        )}
        <Button
          component="a"
          href={`${ROOT}${documentAddress(repository, digest, part)}`}
          download
          size="xs"
          variant="default"
          leftSection={<IconDownload size={14} />}
        >
          {texts.download}
        </Button>
        <Group gap={4}>
          <Copy value={text} what={texts.copy} />
          <Text size="sm" c="dimmed">
            {formatBytes(new Blob([text]).size)}
          </Text>
        </Group>
      </Group>
      {document === undefined && <Text size="sm">{texts.notJson}</Text>}
      {isStored ? (
        <Stored text={text} label={label} />
      ) : (
        <Formatted document={document} label={label} isShort={text.length <= UNFOLDED_CHARACTERS} />
      )}
    </Stack>
  );
}

function Stored({ text, label }: { text: string; label: string }) {
  const isCut = text.length > SHOWN_CHARACTERS;
  return (
    <>
      {isCut && <Text size="sm">{texts.cut(formatBytes(SHOWN_CHARACTERS))}</Text>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section className={classes.document} aria-label={label} tabIndex={0}>
        <pre>{isCut ? text.slice(0, SHOWN_CHARACTERS) : text}</pre>
      </section>
    </>
  );
}

function Formatted({ document, label, isShort }: { document: Json; label: string; isShort: boolean }) {
  const [isUnfolded, unfold] = useState(isShort);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className={classes.document} aria-label={label} tabIndex={0}>
      <Button
        className={classes.unfold}
        size="compact-xs"
        variant="default"
        onClick={() => unfold(!isUnfolded)}
      >
        {isUnfolded ? texts.fold : texts.unfold}
      </Button>
      <JsonTree key={String(isUnfolded)} value={document} unfoldedDepth={isUnfolded ? ALL : FEW} />
    </section>
  );
}
