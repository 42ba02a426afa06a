// SPDX-License-Identifier: Apache-2.0
import { ActionIcon, Badge, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconBookmark, IconBookmarkPlus, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Confirm, Dialog, DialogForm, Empty, Failure, Loading, nameOf } from "@/ui";
import { finding } from "@/words/finding";
import { forgetQuery, isName, type SavedQuery, saveQuery, useSavedQueries, useSavedRefresh } from "./finding";

const text = finding.saved;

/** Buttons to choose a saved query, and to save the present one. */
export function SavedQueries({ query }: { query: string }) {
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
        disabled={!query.trim()}
        title={query.trim() ? undefined : text.nothing}
      >
        {text.save}
      </Button>
      <Dialog title={text.title} isOpen={isChoosing} onClose={choosing.close}>
        <Listed onChosen={choosing.close} />
      </Dialog>
      <Dialog title={text.saving} isOpen={isSaving} onClose={saving.close}>
        <Saving query={query} onEnd={saving.close} />
      </Dialog>
    </>
  );
}

function Listed({ onChosen }: { onChosen: () => void }) {
  const saved = useSavedQueries();
  const [leaving, leave] = useState<SavedQuery>();
  const refresh = useSavedRefresh();
  if (saved.isPending) return <Loading />;
  if (!saved.data) return <Failure error={saved.error} retry={() => void saved.refetch()} />;
  if (!saved.data.length) return <Empty title={text.none} text={text.noneHint} />;
  return (
    <Stack gap="xs">
      {saved.data.map((each) => (
        <Row
          key={`${each.owner} ${each.name}`}
          saved={each}
          onChosen={onChosen}
          onRemove={() => leave(each)}
        />
      ))}
      <Confirm
        title={text.removeTitle(leaving?.name ?? "")}
        text={text.removeText}
        act={text.act}
        isOpen={leaving !== undefined}
        onClose={() => leave(undefined)}
        run={async () => {
          if (leaving) await forgetQuery(leaving.name);
          refresh();
        }}
      />
    </Stack>
  );
}

interface RowProperties {
  saved: SavedQuery;
  onChosen: () => void;
  onRemove: () => void;
}

function Row({ saved: { name, query, owner, is_own, project }, onChosen, onRemove }: RowProperties) {
  return (
    <Group justify="space-between" wrap="nowrap">
      <Group gap="xs">
        <Button
          component={Link}
          to="/search"
          search={{ q: query, by: "what" } as never}
          onClick={onChosen}
          variant="subtle"
          size="compact-md"
          title={query}
        >
          {name}
        </Button>
        {!is_own && (
          <Text size="sm" c="dimmed" title={owner}>
            {text.of(nameOf(owner), project ?? "")}
          </Text>
        )}
        {is_own && project && (
          <Badge variant="default" tt="none">
            {text.sharedWith(project)}
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

function Saving({ query, onEnd }: { query: string; onEnd: () => void }) {
  const [typed, setTyped] = useState("");
  const [project, setProject] = useState("");
  const refresh = useSavedRefresh();
  const name = typed.trim();
  const done = () => {
    refresh();
    onEnd();
  };
  return (
    <DialogForm
      act={text.saveAct}
      isReady={isName(name)}
      run={() => saveQuery(name, query, project.trim())}
      onDone={done}
      onCancel={onEnd}
    >
      <code>{query}</code>
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
      <TextInput
        label={text.project}
        description={text.projectRule}
        value={project}
        onChange={(event) => setProject(event.currentTarget.value)}
        autoComplete="off"
      />
    </DialogForm>
  );
}
