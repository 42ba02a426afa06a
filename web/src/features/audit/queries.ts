// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, page, pages } from "@/api";
import { useIsMounted } from "@/shell/mounted";
import { type Format, momentOf, type Place, type Terms } from "./terms";

type Schemas = components["schemas"];
export type AuditRecord = Schemas["RecordItem"];
export type Outcome = Schemas["Outcome"];
export type Standing = Schemas["StandingView"];
export type Hold = Schemas["HoldView"];
export type Month = Schemas["PartitionView"];
export type Key = Schemas["KeyView"];
export type Delivery = Schemas["DeliveryView"];
export type Origin = Schemas["OriginView"];
export type Checkpoint = Schemas["CheckpointView"];
export type SavedSearch = Schemas["SavedFilterView"];

const KEY = "audit";
const MOST = 1_000;
/** No event tells of checkpoints. */
const ASKED_AGAIN_MS = 30_000;
const LATE_MS = 5 * 60_000;
/** As the server has it. */
export const LONGEST_REASON = 1_000;

/** What to call when something about the log has changed, or is to be asked for again. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: [KEY] });
}

export function useRecords(terms: Terms) {
  return useInfiniteQuery(
    pages([KEY, "records", terms], (cursor, signal) =>
      api.GET("/api/v1/audit/records", { params: { query: { ...asked(terms), cursor } }, signal }),
    ),
  );
}

/** One record, null if there is none; not asked for while it is `known`. */
export function useRecord(place: Place, known: AuditRecord | undefined) {
  const found = useQuery({
    queryKey: [KEY, "record", place.seq, place.at],
    queryFn: ({ signal }) => recordAt(place, signal),
    enabled: !known,
  });
  return known ? { ...found, data: known, isPending: false } : found;
}

async function recordAt(place: Place, signal: AbortSignal): Promise<AuditRecord | null> {
  let cursor = "";
  do {
    const query = { ...momentOf(place), limit: MOST, cursor };
    const { items, next = "" } = await page(api.GET("/api/v1/audit/records", { params: { query }, signal }));
    const found = items.find(({ seq }) => seq === place.seq);
    if (found) return found;
    cursor = next;
  } while (cursor);
  return null;
}

export function useTypes(): string[] {
  const { data } = useQuery({
    queryKey: [KEY, "types"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/audit/types", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data ?? [];
}

export function useStanding() {
  return useQuery({
    queryKey: [KEY, "standing"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/audit", { signal })),
    refetchInterval: ASKED_AGAIN_MS,
  });
}

/** Whether a record is older than five minutes and in no checkpoint; asked only where that may be. */
export function useIsLate(standing: Standing): boolean {
  const signed = standing.newest_checkpoint;
  const isOld = !signed || Date.now() - Date.parse(signed.signed_at) > LATE_MS;
  const { data } = useQuery({
    queryKey: [KEY, "late", signed?.seq ?? 0],
    queryFn: async ({ signal }) => {
      const query = { until: new Date(Date.now() - LATE_MS).toISOString(), limit: 1 };
      const found = await answer(api.GET("/api/v1/audit/records", { params: { query }, signal }));
      return (found.items[0]?.seq ?? 0) > (signed?.seq ?? 0);
    },
    enabled: isOld && newestOf(standing) > (signed?.seq ?? 0),
    refetchInterval: ASKED_AGAIN_MS,
  });
  return data ?? false;
}

/** The number of the newest record, 0 before the first. */
export function newestOf({ partitions }: Standing): number {
  return partitions.at(-1)?.last_seq ?? 0;
}

/** How many records a month has, or had before it was dropped. */
export function countOf({ first_seq, last_seq }: Month): number {
  return last_seq - first_seq + 1;
}

/** Every checkpoint's token, oldest first; `tell` hears how many there are so far. */
export async function everyCheckpoint(tell: (count: number) => void, signal: AbortSignal): Promise<string[]> {
  const tokens: string[] = [];
  let cursor = "";
  do {
    const query = { limit: MOST, cursor };
    const { items, next = "" } = await page(
      api.GET("/api/v1/audit/checkpoints", { params: { query }, signal }),
    );
    for (const { token } of items) tokens.push(token);
    tell(tokens.length);
    cursor = next;
  } while (cursor);
  return tokens;
}

export function useHolds() {
  return useInfiniteQuery(pages([KEY, "holds"], (_, signal) => api.GET("/api/v1/audit/holds", { signal })));
}

export function placeHold(body: Schemas["NewHold"]): Promise<Hold> {
  return answer(api.POST("/api/v1/audit/holds", { body }));
}

export function releaseHold(id: string): Promise<Hold> {
  return answer(api.POST("/api/v1/audit/holds/{hold_id}:release", { params: { path: { hold_id: id } } }));
}

/** Forget somebody; returns of how many records the details are gone. */
export async function erase(subject: string, reason: string): Promise<number> {
  return (await answer(api.POST("/api/v1/audit/erasures", { body: { subject, reason } }))).details;
}

export function useSavedSearches() {
  return useQuery({
    queryKey: [KEY, "filters"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/audit/filters", { signal }))).items,
  });
}

export function saveSearch(name: string, terms: Terms, isShared: boolean): Promise<SavedSearch> {
  const body = { filter: asked(terms), is_shared: isShared };
  return answer(api.PUT("/api/v1/audit/filters/{name}", { params: { path: { name } }, body }));
}

export function deleteSearch(name: string): Promise<unknown> {
  return answer(api.DELETE("/api/v1/audit/filters/{name}", { params: { path: { name } } }));
}

/** The terms as the API has them. An outcome that there is none of is refused by the server. */
function asked(terms: Terms) {
  return { ...terms, outcome: terms.outcome as Outcome | undefined };
}

/** Whether an export takes a second person: then it is asked for here, where a refusal can be shown. */
export function useExportTakesTwo(): boolean {
  const isServed = useIsMounted("approvals");
  const rules = useQuery({
    queryKey: ["approvals", "rules"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/approvals/rules", { signal }))).items,
    enabled: isServed,
  });
  return rules.data?.some(({ act }) => act === "audit.export") ?? false;
}

/** All records that a search finds. */
export async function fetchExport(terms: Terms, format: Format): Promise<Blob> {
  const query = { ...asked(terms), format };
  const content = await answer(
    api.GET("/api/v1/audit/records:export", { params: { query }, parseAs: "blob" }),
  );
  return content as Blob;
}
