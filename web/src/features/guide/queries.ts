// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";
import { useLive, useRecent } from "@/live";
import { useIsMounted } from "@/shell/mounted";
import { type Arrival, heardArrival, isPulled, newArrival } from "./arrival";
import type { Client } from "./commands";
import { isProjectName } from "./names";

export type Token = components["schemas"]["NewTokenView"];

const TRIED_PROJECTS = 8;
const LISTED_PROJECTS = 50;
const SANDBOX = "sandbox";
const POLLED_EVERY_MS = 5_000;

function mayPush(project: string, signal: AbortSignal) {
  const query = { action: "push" as const, repository: `${project}/my-image` };
  return answer(api.GET("/api/v1/access", { params: { query }, signal }));
}

interface Suggestion {
  project: string;
  isAllowed: boolean;
  /** The projects that can be chosen from. */
  projects: string[];
}

/** A project to push to: the first that the viewer may push to, else one to ask an administrator for. */
export function useSuggestedProject(viewer: string) {
  return useQuery({
    queryKey: ["projects", "to-push-to", viewer],
    queryFn: async ({ signal }): Promise<Suggestion> => {
      const query = { limit: LISTED_PROJECTS };
      const { items } = await answer(api.GET("/api/v1/projects", { params: { query }, signal }));
      const projects = items.map((item) => item.name);
      const tried = [...projects.slice(0, TRIED_PROJECTS), SANDBOX, viewer].filter(isProjectName);
      for (const project of tried) {
        if ((await mayPush(project, signal)).allowed) return { project, isAllowed: true, projects };
      }
      return { project: SANDBOX, isAllowed: false, projects };
    },
    staleTime: 60_000,
  });
}

/** Whether the viewer may push to a project, and why. */
export function useMayPush(project: string) {
  return useQuery({
    queryKey: ["project", project, "may-push"],
    queryFn: ({ signal }) => mayPush(project, signal),
    enabled: isProjectName(project),
  });
}

/** Makes a personal token whose name says when it was. */
export function useMakeToken() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => {
      const moment = new Date().toISOString().replace(/\D/g, "").slice(0, 14);
      return answer(api.POST("/api/v1/tokens", { body: { name: `guide-${moment}` } }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["tokens"] }),
  });
}

/** What the viewer pushed since a client was chosen for the first time, and whether it was pulled since. */
export function useProgress(viewer: string, client: Client): { arrival?: Arrival; isPulled: boolean } {
  const { isConnected } = useLive();
  const { changes, pulls } = useRecent();
  const isServed = useIsMounted("dashboard");
  const ask = ({ signal }: { signal: AbortSignal }) => answer(api.GET("/api/v1/dashboard", { signal }));
  const start = useQuery({
    queryKey: ["guide", "start", viewer, client],
    queryFn: ask,
    enabled: isServed,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: Number.POSITIVE_INFINITY,
  });
  const now = useQuery({
    queryKey: ["dashboard"],
    queryFn: ask,
    enabled: isServed,
    refetchInterval: isConnected ? false : POLLED_EVERY_MS,
  });
  if (!start.data) return { isPulled: false };
  const who = `user:${viewer}`;
  const arrival =
    heardArrival(changes, who, start.dataUpdatedAt) ??
    newArrival(now.data?.recent ?? [], start.data.recent, who);
  return { arrival, isPulled: arrival !== undefined && isPulled(pulls, arrival, start.dataUpdatedAt) };
}
