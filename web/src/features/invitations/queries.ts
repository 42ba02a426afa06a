// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Invitation = components["schemas"]["InvitationView"];
export type Made = components["schemas"]["NewInvitationView"];

const KEY = ["invitations"];

/** The invitations, newest first. */
export function useInvitations() {
  return useInfiniteQuery(
    pages(KEY, (cursor, signal) => api.GET("/api/v1/invitations", { params: { query: { cursor } }, signal })),
  );
}

/** What an invitation says to whoever holds its secret; asked once, as guesses are counted. */
export function useOpenInvitation(secret: string) {
  return useQuery({
    queryKey: ["invitation", secret],
    queryFn: () => answer(api.POST("/api/v1/invitations:look", { body: { secret } })),
    enabled: secret !== "",
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnWindowFocus: false,
  });
}

/** What to call when invitations have changed. */
export function useRefresh(): () => void {
  const queries = useQueryClient();
  return () => void queries.invalidateQueries({ queryKey: KEY });
}
