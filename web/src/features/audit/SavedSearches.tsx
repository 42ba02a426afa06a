// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Alert, Badge, Button, Group, Stack, Switch, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconBookmarkPlus, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Confirm, Dialog, DialogForm, Empty, Failure, Loading, nameOf } from "@/ui";
import { audit } from "@/words/audit";
import { deleteSearch, type SavedSearch, saveSearch, useRefresh, useSavedSearches } from "./queries";
import { isName, isSame, lasting, type Terms, termsOf } from "./terms";

const text = audit.saved;

/** Buttons to choose a saved search, and to save the present one. */
export function SavedSearches({ terms }: { terms: Terms }) {
  const [isChoosing, choosing] = useDisclosure();
  const [isSaving, saving] = useDisclosure();
  return (
    <>
      <Button variant="default" leftSection={<IconBookmark size={16} />} onClick={choosing.open}>
        {text.open}
      </Button>
      <Button
        variant="default"
        leftSection={<IconBookmarkPlus size={16} />}
        onClick={saving.open}
        disabled={isSame(lasting(terms), {})}
        title={isSame(lasting(terms), {}) ? text.nothing : undefined}
      >
        {text.save}
      </Button>
      <Dialog title={text.title} isOpen={isChoosing} onClose={choosing.close}>
        <Listed onChosen={choosing.close} />
      </Dialog>
      <Dialog title={text.saving} isOpen={isSaving} onClose={saving.close}>
        <Saving terms={terms} onEnd={saving.close} />
      </Dialog>
    </>
  );
}

function Listed({ onChosen }: { onChosen: () => void }) {
  const saved = useSavedSearches();
  const [leaving, leave] = useState<SavedSearch>();
  const refresh = useRefresh();
  if (saved.isPending) return <Loading />;
  if (!saved.data) return <Failure error={saved.error} retry={() => void saved.refetch()} />;
  if (!saved.data.length) return <Empty title={text.none} text={text.noneHint} />;
  return (
    <Stack gap="xs">
      {saved.data.map((search) => (
        <Row
          key={`${search.owner} ${search.name}`}
          search={search}
          onChosen={onChosen}
          onRemove={() => leave(search)}
        />
      ))}
      <Confirm
        title={text.removeTitle(leaving?.name ?? "")}
        text={text.removeText}
        act={text.act}
        isOpen={leaving !== undefined}
        onClose={() => leave(undefined)}
        run={async () => {
          if (leaving) await deleteSearch(leaving.name);
          refresh();
        }}
      />
    </Stack>
  );
}

interface RowProperties {
  search: SavedSearch;
  onChosen: () => void;
  onRemove: () => void;
}

function Row({ search: { name, owner, is_own, is_shared, filter }, onChosen, onRemove }: RowProperties) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group gap="xs">
        <Button
          component={Link}
          to="/audit"
          search={termsOf(filter) as never}
          onClick={onChosen}
          variant="subtle"
          size="compact-md"
        >
          {name}
        </Button>
        {!is_own && (
          <Text size="sm" c="dimmed" title={owner}>
            {text.of(nameOf(owner))}
          </Text>
        )}
        {is_shared && is_own && (
          <Badge variant="default" tt="none">
            {text.shared}
          </Badge>
        )}
      </Group>
      {is_own && (
        <ActionIcon
          variant="subtle"
          color="gray"
          onClick={onRemove}
          aria-label={text.removeOf(name)}
          title={text.remove}
        >
          <IconTrash size={16} />
        </ActionIcon>
      )}
    </Group>
  );
}

function Saving({ terms, onEnd }: { terms: Terms; onEnd: () => void }) {
  const [typed, setTyped] = useState("");
  const [isShared, setShared] = useState(false);
  const refresh = useRefresh();
  const name = typed.trim();
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.saveAct}
      isReady={isName(name)}
      run={() => saveSearch(name, lasting(terms), isShared)}
      onDone={done}
      onCancel={onEnd}
    >
      {!isSame(lasting(terms), terms) && <Alert color="blue">{text.timeless}</Alert>}
      <TextInput
        label={text.name}
        description={text.nameRule}
        error={name && !isName(name) ? text.nameInvalid : undefined}
        value={typed}
        onChange={(event) => setTyped(event.currentTarget.value)}
        autoComplete="off"
        required
        data-autofocus
      />
      <Switch
        label={text.share}
        description={text.shareRule}
        checked={isShared}
        onChange={(event) => setShared(event.currentTarget.checked)}
      />
    </DialogForm>
  );
}
