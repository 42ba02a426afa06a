// SPDX-License-Identifier: Apache-2.0
/** One stream of events for all tabs of this browser: the tab that holds the lock listens and tells the others. */

/** What the server tells of one event, as far as pages show it. */
export interface LiveEvent {
  type: string;
  id?: string;
  occurred_at?: string;
  cause?: string;
  project?: string;
  repository?: string;
  tag?: string;
  digest?: string;
  previous_digest?: string;
  artifact_type?: string;
  size?: number;
  principal?: string;
  uses?: LiveUse[];
}

/** How often one manifest was asked for of late. */
export interface LiveUse {
  repository: string;
  digest: string;
  tag?: string | null;
  is_pull: boolean;
  count: number;
}

export interface Listener {
  onEvent(event: LiveEvent): void;
  onConnection(isConnected: boolean): void;
}

type Told = { event: LiveEvent; place: string } | { isConnected: boolean } | { isAnybodyThere: true };

const NAME = "entrepot-live";
const AGAIN_MS = 5_000;

/** What the server sends that is no event of the registry: what is shown may have missed some. */
export const RESET = "reset";

/** Listen until the returned function is called. */
export function listen(url: string, types: readonly string[], listener: Listener): () => void {
  const ended = new AbortController();
  const line = new Line(listener, ended.signal);
  void lead(() => follow(url, types, line, ended.signal), ended.signal);
  return () => ended.abort();
}

async function lead(following: () => Promise<void>, ended: AbortSignal): Promise<void> {
  if (!areTabsJoined()) return following();
  await navigator.locks.request(NAME, { signal: ended }, following).catch(() => {});
}

/** Locks are of secure contexts only; elsewhere every tab listens for itself. */
function areTabsJoined(): boolean {
  return !!navigator.locks;
}

/** What joins the tabs: each hears what the leading one says, and knows up to which place that was. */
class Line {
  /** Of the last event: whoever leads next goes on behind it. */
  place = "";
  private isConnected: boolean | undefined;
  private readonly channel: BroadcastChannel | undefined;
  private readonly listener: Listener;

  constructor(listener: Listener, ended: AbortSignal) {
    this.listener = listener;
    if (!areTabsJoined()) return;
    const channel = new BroadcastChannel(NAME);
    channel.onmessage = ({ data }: MessageEvent<Told>) => {
      if ("isAnybodyThere" in data) this.answer();
      else this.hear(data);
    };
    ended.addEventListener("abort", () => channel.close());
    channel.postMessage({ isAnybodyThere: true } satisfies Told);
    this.channel = channel;
  }

  /** Tell all tabs, this one too. */
  tell(told: Told): void {
    if ("isConnected" in told) this.isConnected = told.isConnected;
    this.channel?.postMessage(told);
    this.hear(told);
  }

  private hear(told: Told): void {
    if ("event" in told) {
      this.place = told.place;
      this.listener.onEvent(told.event);
    }
    if ("isConnected" in told) this.listener.onConnection(told.isConnected);
  }

  /** Only the tab that leads knows. */
  private answer(): void {
    if (this.isConnected !== undefined) this.channel?.postMessage({ isConnected: this.isConnected });
  }
}

function follow(url: string, types: readonly string[], line: Line, ended: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    let source: EventSource;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const open = () => {
      source = opened(url, types, line);
      source.onerror = () => {
        line.tell({ isConnected: false });
        // A browser comes back by itself when the line breaks, but not when the server or a proxy refused.
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(reopen, AGAIN_MS);
      };
    };
    const reopen = () => {
      // Without a place to go on from, nobody knows what was missed.
      const isMissing = !line.place;
      open();
      if (isMissing)
        source.addEventListener("open", () => line.tell({ event: { type: RESET }, place: "" }), {
          once: true,
        });
    };
    if (ended.aborted) return resolve();
    open();
    ended.addEventListener("abort", () => {
      clearTimeout(timer);
      source.close();
      resolve();
    });
  });
}

function opened(url: string, types: readonly string[], line: Line): EventSource {
  const source = new EventSource(line.place ? `${url}?after=${encodeURIComponent(line.place)}` : url);
  source.onopen = () => line.tell({ isConnected: true });
  for (const type of [...types, RESET]) {
    source.addEventListener(type, ({ data, lastEventId }) =>
      line.tell({ event: { ...parsed(data), type }, place: lastEventId }),
    );
  }
  return source;
}

function parsed(text: string): Omit<LiveEvent, "type"> {
  try {
    return JSON.parse(text) as Omit<LiveEvent, "type">;
  } catch {
    return {};
  }
}
