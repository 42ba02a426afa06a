// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Notification = components["schemas"]["NotificationItem"];
export type Preferences = components["schemas"]["PreferencesView"];
export type Wanted = components["schemas"]["PreferencesRequest"];
export type Channels = components["schemas"]["Channels"];
export type NotificationKind = components["schemas"]["NotificationKindItem"];
export type Mute = components["schemas"]["MuteItem"];
export type WantedMute = components["schemas"]["MuteRequest"];

const PAGE = 100;
const KEY = "notifications";

/** What the viewer heard of, newest first. */
export function useNotifications() {
  return useInfiniteQuery(
    pages([KEY, "list"], (cursor, signal) =>
      api.GET("/api/v1/notifications", { params: { query: { cursor, limit: PAGE } }, signal }),
    ),
  );
}

/** How the viewer hears of things. */
export function usePreferences() {
  return useQuery({
    queryKey: [KEY, "preferences"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/notifications/preferences", { signal })),
  });
}

/** Everything that the viewer can hear of. */
export function useKinds() {
  return useQuery({
    queryKey: [KEY, "kinds"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/notifications/kinds", { signal }))).items,
  });
}

/** What the viewer does not want to hear of. */
export function useMutes() {
  return useQuery({
    queryKey: [KEY, "mutes"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/notifications/mutes", { signal }))).items,
  });
}

/** What is done about notifications; everything may be another after that. */
export function useActs() {
  const client = useQueryClient();
  const refresh = () => void client.invalidateQueries({ queryKey: [KEY] });
  return {
    read: async (id: string) => {
      await answer(api.POST("/api/v1/notifications:read", { body: { ids: [id], until: "" } }));
      refresh();
    },
    readUntil: async (until: string) => {
      await answer(api.POST("/api/v1/notifications:read", { body: { ids: [], until } }));
      refresh();
    },
    mute: async (body: WantedMute) => {
      await answer(api.POST("/api/v1/notifications/mutes", { body }));
      refresh();
    },
    unmute: async (mute: string) => {
      await answer(api.DELETE("/api/v1/notifications/mutes/{mute}", { params: { path: { mute } } }));
      refresh();
    },
    choose: async (wanted: Wanted) => {
      await answer(api.PUT("/api/v1/notifications/preferences", { body: wanted }));
      refresh();
    },
    nameAddress: async (address: string) => {
      await answer(api.PUT("/api/v1/notifications/address", { body: { address } }));
      refresh();
    },
    confirmAddress: async (code: string) => {
      await answer(api.POST("/api/v1/notifications/address:confirm", { body: { code } }));
      refresh();
    },
  };
}
