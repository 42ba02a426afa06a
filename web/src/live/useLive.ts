// SPDX-License-Identifier: Apache-2.0
/** What listens to the registry: pages that show what changed ask for it again. */

import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { ROOT } from "@/api";
import { useIsMounted } from "@/shell/mounted";
import { useViewer } from "@/shell/session";
import { forget, keep, USED } from "./recent";
import { type LiveEvent, listen, RESET } from "./stream";

const MODE_CHANGED = "mode.changed";
const TYPES = [
  "repository.created",
  "manifest.pushed",
  "manifest.deleted",
  "manifest.restored",
  "tag.moved",
  "tag.deleted",
  MODE_CHANGED,
  USED,
];
const GATHERED_MS = 300;
const MAX_PAGES_RENEWED = 5;

let isConnected = false;
const watchers = new Set<() => void>();

function watch(tell: () => void): () => void {
  watchers.add(tell);
  return () => watchers.delete(tell);
}

function setConnected(now: boolean): void {
  if (isConnected === now) return;
  isConnected = now;
  for (const tell of watchers) tell();
}

/** Whether changes arrive by themselves, and whether they are meant to. */
export function useLive(): { isConnected: boolean; isWanted: boolean } {
  const connected = useSyncExternalStore(watch, () => isConnected);
  const isServed = useIsMounted("events");
  return { isConnected: connected, isWanted: useViewer() !== null && isServed };
}

/** Listen while somebody is logged in, and ask anew for what an event is about. Called once, by the frame. */
export function useLiveQueries(): void {
  const queries = useQueryClient();
  const { isWanted } = useLive();
  const viewer = useViewer()?.name;
  // biome-ignore lint/correctness/useExhaustiveDependencies: another viewer sees other events
  useEffect(() => {
    if (!isWanted) return;
    const gathered: LiveEvent[] = [];
    let timer: ReturnType<typeof setTimeout> | undefined;
    const askAnew = () => {
      timer = undefined;
      const events = gathered.splice(0);
      void queries.invalidateQueries({
        predicate: ({ queryKey, state }) =>
          !isLong(state.data) && events.some((event) => isAbout(queryKey, event)),
      });
    };
    const stop = listen(`${ROOT}/api/v1/events`, TYPES, {
      onEvent: (event) => {
        keep(event);
        gathered.push(event);
        timer ??= setTimeout(askAnew, GATHERED_MS);
      },
      onConnection: setConnected,
    });
    return () => {
      clearTimeout(timer);
      stop();
      setConnected(false);
      forget();
    };
  }, [isWanted, viewer, queries]);
}

/** Whether a list was scrolled through so far that asking for all of it anew would be a burden: it stays as it was. */
function isLong(data: unknown): boolean {
  const pages = (data as { pages?: unknown[] } | undefined)?.pages;
  return pages !== undefined && pages.length > MAX_PAGES_RENEWED;
}

/**
 * Whether what is cached under `key` may differ after `event`: keys are [noun, repository or project, …].
 * Pulls change nothing but counts, and are too many to ask anew for each.
 */
export function isAbout(key: readonly unknown[], event: LiveEvent): boolean {
  if (event.type === RESET) return key[0] !== "session" && key[0] !== "guide";
  if (event.type === USED) return false;
  const [noun, of] = key;
  if (event.type === MODE_CHANGED)
    return noun === "garbage" || (noun === "modes" && (!event.project || of === event.project));
  if (noun === "dashboard" || noun === "repositories" || noun === "projects") return true;
  return (noun === "repository" || noun === "project") && (of === event.repository || of === event.project);
}
