// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

type Schemas = components["schemas"];
export type Rules = Schemas["TagRulesView"];
export type Rule = Schemas["TagRuleView"];
export type NewRule = Schemas["NewTagRule"];
export type Matched = Schemas["MatchedView"];
export type Explained = Schemas["ExplainedView"];

export interface TagPlace {
  repository: string;
  tag: string;
}

const MINUTE_MS = 60_000;
const TAG = "/api/v1/repositories/{name}/-/tags/{tag}/immutability";
const KEY = ["immutability"];
export const SHOWN_MATCHES = 20;

/** The rules of a project in order, or of the registry where that is empty. */
export function useRules(project: string) {
  return useQuery({
    queryKey: [...KEY, "rules", project],
    queryFn: ({ signal }) =>
      answer(
        project
          ? api.GET("/api/v1/projects/{name}/immutability", { params: { path: { name: project } }, signal })
          : api.GET("/api/v1/immutability", { signal }),
      ),
  });
}

/** Puts rules in the place of those that were read, unless somebody has changed them since. */
export function useSetRules(project: string, revision: number): (rules: NewRule[]) => Promise<Rules> {
  const client = useQueryClient();
  return async (rules) => {
    const body = { rules, revision };
    const request = project
      ? api.PUT("/api/v1/projects/{name}/immutability", { params: { path: { name: project } }, body })
      : api.PUT("/api/v1/immutability", { body });
    try {
      return await answer(request);
    } finally {
      void client.invalidateQueries({ queryKey: KEY });
    }
  };
}

/** The first of the tags that a rule would be about, one more than are shown; asked for once there are patterns. */
export function useMatches(project: string, repositories: string, tags: string) {
  const query = { repositories, tags, limit: SHOWN_MATCHES + 1 };
  return useQuery({
    queryKey: [...KEY, "preview", project, repositories, tags],
    queryFn: ({ signal }) =>
      answer(
        project
          ? api.GET("/api/v1/projects/{name}/immutability:preview", {
              params: { path: { name: project }, query },
              signal,
            })
          : api.GET("/api/v1/immutability:preview", { params: { query }, signal }),
      ),
    enabled: repositories !== "" && tags !== "",
    retry: false,
  });
}

function pathOf({ repository, tag }: TagPlace) {
  return { name: repository, tag };
}

/** Which rule decides about a tag. Asked anew with the repository: what a rule says depends on what is there. */
export function useExplained(place: TagPlace) {
  return useQuery({
    queryKey: ["repository", place.repository, ...KEY, place.tag],
    queryFn: ({ signal }) => answer(api.GET(TAG, { params: { path: pathOf(place) }, signal })),
  });
}

function useRenewing({ repository }: TagPlace): <Answer>(request: Promise<Answer>) => Promise<Answer> {
  const client = useQueryClient();
  return async (request) => {
    try {
      return await request;
    } finally {
      void client.invalidateQueries({ queryKey: ["repository", repository, ...KEY] });
    }
  };
}

/** Lets the tag be changed for some minutes from now on. */
export function useGiveOverride(place: TagPlace) {
  const renewing = useRenewing(place);
  return (reason: string, minutes: number) => {
    const body = { reason, expires_at: new Date(Date.now() + minutes * MINUTE_MS).toISOString() };
    return renewing(answer(api.PUT(`${TAG}/override`, { params: { path: pathOf(place) }, body })));
  };
}

export function useTakeOverride(place: TagPlace) {
  const renewing = useRenewing(place);
  return () => renewing(answer(api.DELETE(`${TAG}/override`, { params: { path: pathOf(place) } })));
}
