// SPDX-License-Identifier: Apache-2.0
/** Who is logged in, as the server sees it. */

import { type QueryClient, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect } from "react";
import { answer, api, type components, Problem, setCsrfToken, whenLoggedOut } from "@/api";

export type Session = components["schemas"]["SessionView"];

const KEY = ["session"];
const RENEWED_EVERY_MS = 5 * 60_000;

async function current(): Promise<Session | null> {
  try {
    const session = (await answer(api.GET("/api/v1/session"))) ?? null;
    setCsrfToken(session?.csrf_token ?? "");
    return session;
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null;
    throw error;
  }
}

/** The session of this browser, null when nobody is logged in. Asking also renews its secret from time to time. */
export function useSession() {
  return useQuery({ queryKey: KEY, queryFn: current, staleTime: 60_000, refetchInterval: RENEWED_EVERY_MS });
}

/** What somebody may do to the registry as a whole. */
export type SystemAction = Session["may"][number];

export interface Viewer {
  name: string;
  may: readonly SystemAction[];
  isAdministrator: boolean;
}

/** Whoever has logged in completely, null before. */
export function useViewer(): Viewer | null {
  const { data } = useSession();
  if (data?.state !== "complete") return null;
  return { name: data.user, may: data.may, isAdministrator: data.may.includes("administer") };
}

/** Whether the viewer may do that to the registry as a whole. */
export function useMay(action: SystemAction): boolean {
  return useViewer()?.may.includes(action) ?? false;
}

/** Find out whether somebody is still logged in once a request was refused for want of a login. Called once. */
export function useNoticeEnd(): void {
  const queries = useQueryClient();
  useEffect(() => {
    whenLoggedOut(() => {
      // The refused request may be the question itself: asking anew while it is under way would never end.
      if (queries.getQueryData(KEY))
        void queries.invalidateQueries({ queryKey: KEY }, { cancelRefetch: false });
    });
  }, [queries]);
}

/** Take note of a session that has just begun or changed; whatever was asked for as somebody else is forgotten. */
export function useTakeSession(): (session: Session | null) => void {
  const queries = useQueryClient();
  return useCallback(
    (session) => {
      setCsrfToken(session?.csrf_token ?? "");
      const before = queries.getQueryData<Session | null>(KEY);
      queries.setQueryData(KEY, session);
      if (before?.user !== session?.user || before?.state !== session?.state) forgetOthers(queries);
    },
    [queries],
  );
}

function forgetOthers(queries: QueryClient): void {
  queries.removeQueries({
    predicate: ({ queryKey }) => queryKey[0] !== "session" && queryKey[0] !== "guide",
  });
}
