// SPDX-License-Identifier: Apache-2.0
/** What these pages ask for. Keys begin with the repository, so that a push into it renews them. */

import { type InfiniteData, keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answer, api, type components, type PageOf, pages } from "@/api";

type Schemas = components["schemas"];
export type Artifact = Schemas["ArtifactView"];
export type Kept = Schemas["PromiseView"]["kept"];
export type ArtifactItem = Schemas["ArtifactItem"];
export type BinItem = Schemas["BinItem"];
export type Child = Schemas["ChildItem"];
export type Facts = Schemas["Facts"];
export type Referrer = Schemas["ReferrerItem"];
export type Repository = Schemas["RepositoryView"];
export type RepositoryItem = Schemas["RepositoryItem"];
export type TagItem = Schemas["TagItem"];

const ONE = "/api/v1/repositories/{name}/-/artifacts/{digest}";
const FIRST_PAGE = 100;
const FURTHER_PAGES = 500;
const EXAMINED_AFTER_MS = 2_000;
const EXAMINED_PAGES = 3;

/** The first page is small, so that it is here soon. */
function limit(cursor: string): number {
  return cursor ? FURTHER_PAGES : FIRST_PAGE;
}

/** Asks again while something is being examined: nothing else tells when that is done. */
function whilePending(data: InfiniteData<PageOf<{ type: string }>> | undefined): number | false {
  if (!data || data.pages.length > EXAMINED_PAGES) return false;
  const isPending = data.pages.some((each) => each.items.some((item) => item.type === "pending"));
  return isPending ? EXAMINED_AFTER_MS : false;
}

export function useRepositories(project: string, filter: string) {
  return useInfiniteQuery({
    ...pages(["repositories", project, filter], (cursor, signal) =>
      api.GET("/api/v1/repositories", {
        params: { query: { project, filter, cursor, limit: limit(cursor) } },
        signal,
      }),
    ),
    placeholderData: keepPreviousData,
  });
}

export function useRepository(name: string) {
  return useQuery({
    queryKey: ["repository", name, "about"],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/repositories/{name}/-/about", { params: { path: { name } }, signal })),
  });
}

export type TagSort = "name" | "-name" | "updated" | "-updated" | "version" | "-version";

export function useTags(name: string, sort: TagSort, filter: string) {
  return useInfiniteQuery({
    ...pages(["repository", name, "tags", sort, filter], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/tags", {
        params: { path: { name }, query: { sort, filter, cursor, limit: limit(cursor) } },
        signal,
      }),
    ),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => whilePending(state.data),
  });
}

export function useTag(name: string, tag: string) {
  return useQuery({
    queryKey: ["repository", name, "tag", tag],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/v1/repositories/{name}/-/tags/{tag}", { params: { path: { name, tag } }, signal }),
      ),
  });
}

export interface ArtifactFilter {
  sort: "pushed" | "-pushed";
  type: Schemas["ArtifactType"] | undefined;
  tagged: boolean | undefined;
  /** Such as `stage=production,team`; empty for any. */
  label: string;
}

export function useArtifacts(name: string, { sort, type, tagged, label }: ArtifactFilter) {
  return useInfiniteQuery({
    ...pages(["repository", name, "artifacts", sort, type, tagged, label], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/artifacts", {
        params: { path: { name }, query: { sort, type, tagged, label, cursor, limit: limit(cursor) } },
        signal,
      }),
    ),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => whilePending(state.data),
  });
}

export function useArtifact(name: string, digest: string) {
  return useQuery({
    queryKey: ["repository", name, "artifact", digest],
    queryFn: ({ signal }) => answer(api.GET(ONE, { params: { path: { name, digest } }, signal })),
    refetchInterval: ({ state }) => (state.data?.type === "pending" ? EXAMINED_AFTER_MS : false),
  });
}

export function useReferrers(name: string, digest: string) {
  return useInfiniteQuery({
    ...pages(["repository", name, "referrers", digest], (cursor, signal) =>
      api.GET(`${ONE}/referrers`, { params: { path: { name, digest }, query: { cursor } }, signal }),
    ),
    placeholderData: keepPreviousData,
  });
}

export function useBin(name: string) {
  return useInfiniteQuery({
    ...pages(["repository", name, "bin"], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/bin", {
        params: { path: { name }, query: { cursor, limit: limit(cursor) } },
        signal,
      }),
    ),
    placeholderData: keepPreviousData,
  });
}

export type Part = "manifest" | "config";

/** The bytes of a manifest or a configuration, as text. They never change, so they are asked for once. */
export function useDocument(name: string, digest: string, part: Part) {
  return useQuery({
    queryKey: ["document", name, digest, part],
    queryFn: ({ signal }) =>
      answer(api.GET(`${ONE}/${part}`, { params: { path: { name, digest } }, parseAs: "text", signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

/** Where the bytes of a manifest or a configuration are, below the root of the console. */
export function documentAddress(name: string, digest: string, part: Part): string {
  return `/api/v1/repositories/${name}/-/artifacts/${digest}/${part}`;
}

export function deleteTag(name: string, tag: string): Promise<Schemas["DeletedView"]> {
  return answer(api.DELETE("/api/v1/repositories/{name}/-/tags/{tag}", { params: { path: { name, tag } } }));
}

export function restoreTag(name: string, tag: string, digest: string): Promise<Schemas["RestoredView"]> {
  return answer(
    api.POST("/api/v1/repositories/{name}/-/tags/{tag}:restore", {
      params: { path: { name, tag } },
      body: { digest },
    }),
  );
}

/** What deleting an artifact would free. A refusal is no failure of the dialog that asks. */
export function usePromise(name: string, digest: string) {
  return useQuery({
    queryKey: ["repository", name, "promise", digest],
    queryFn: () => answer(api.POST(`${ONE}:preview`, { params: { path: { name, digest } } })),
    retry: false,
  });
}

export function deleteArtifact(name: string, digest: string): Promise<Schemas["DeletedArtifactView"]> {
  return answer(api.DELETE(ONE, { params: { path: { name, digest } } }));
}

export function freeArtifact(name: string, digest: string): Promise<Schemas["FreedView"]> {
  return answer(api.POST(`${ONE}:free-now`, { params: { path: { name, digest } } }));
}

export function restoreArtifact(name: string, digest: string): Promise<Schemas["RestoredArtifactView"]> {
  return answer(api.POST(`${ONE}:restore`, { params: { path: { name, digest } } }));
}
