// SPDX-License-Identifier: Apache-2.0
/** Deleting, with the way back in a notification. */

import { useQueryClient } from "@tanstack/react-query";
import { formatMoment, shortDigest, tellRefused } from "@/ui";
import { counted, words } from "@/words";
import { tellUndoable } from "./notices";
import { deleteArtifact, deleteTag, restoreArtifact, restoreTag } from "./queries";

const { artifacts: texts } = words;

/** Ask anew for all that is shown of a repository. */
export function useRenewal(repository: string): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await Promise.all([
      queries.invalidateQueries({ queryKey: ["repository", repository] }),
      queries.invalidateQueries({ queryKey: ["repositories"] }),
    ]);
  };
}

/** Restoring is a push. */
export function mayRestore(may: readonly string[]): boolean {
  return may.includes("push");
}

/** Goes where something is left to see, before all that is shown is asked for anew. */
type Leave = () => Promise<void>;

/** Deletes a tag at once: its history keeps what it pointed at. */
export function useTagRemoval(
  repository: string,
  may: readonly string[],
): (tag: string, digest: string, leave?: Leave) => Promise<void> {
  const renew = useRenewal(repository);
  return async (tag, digest, leave) => {
    try {
      await deleteTag(repository, tag);
    } catch (error) {
      tellRefused(error, texts.notDone);
      return;
    }
    tellUndoable({
      id: `${repository}:${tag}`,
      title: texts.tags.removed(tag),
      text: texts.tags.removedHint,
      undone: texts.undone(tag),
      undo: mayRestore(may) && (() => restoreTag(repository, tag, digest).then(renew)),
    });
    await leave?.();
    await renew();
  };
}

/** Deletes an artifact with all that goes with it. Rejects with why it was refused. */
export function useArtifactRemoval(
  repository: string,
  may: readonly string[],
): (digest: string, leave: Leave) => Promise<void> {
  const renew = useRenewal(repository);
  return async (digest, leave) => {
    const { restorable_until: until, also, warnings } = await deleteArtifact(repository, digest);
    const short = shortDigest(digest);
    tellUndoable({
      id: `${repository}@${digest}`,
      title: texts.remove.done(short),
      text: (
        <>
          {also.length > 0 && `${texts.remove.also(counted(also.length, texts.remove.alsoForms))} `}
          {texts.remove.until(formatMoment(new Date(until)))}
          {warnings.map((warning) => ` ${warning}.`)}
        </>
      ),
      undone: texts.undone(short),
      undo: mayRestore(may) && (() => restoreArtifact(repository, digest).then(renew)),
    });
    await leave();
    await renew();
  };
}
