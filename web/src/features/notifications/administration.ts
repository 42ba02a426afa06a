// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";

export type Rule = components["schemas"]["ListedNotificationRule"];
export type WantedRule = components["schemas"]["NotificationRuleRequest"];
export type Mail = components["schemas"]["MailItem"];

const KEY = "notification-administration";
const PAGE = 50;

/** The threshold rules, and what is at a level of each. */
export function useRules() {
  return useQuery({
    queryKey: [KEY, "rules"],
    queryFn: async ({ signal }) => (await answer(api.GET("/api/v1/notifications/rules", { signal }))).items,
  });
}

/** The log of mails, the newest first. */
export function useMails() {
  return useInfiniteQuery(
    pages([KEY, "mails"], (cursor, signal) =>
      api.GET("/api/v1/notifications/mails", { params: { query: { limit: PAGE, cursor } }, signal }),
    ),
  );
}

/** What administrators do; everything may be another after that. */
export function useAdministration() {
  const client = useQueryClient();
  const refresh = () => client.invalidateQueries({ queryKey: [KEY] });
  return {
    change: async (rule: string, body: WantedRule) => {
      await answer(api.PUT("/api/v1/notifications/rules/{rule}", { params: { path: { rule } }, body }));
      await refresh();
    },
    reset: async (rule: string) => {
      await answer(api.DELETE("/api/v1/notifications/rules/{rule}", { params: { path: { rule } } }));
      await refresh();
    },
    test: async (address: string) => {
      await answer(api.POST("/api/v1/notifications/mails:test", { body: { address } }));
      await refresh();
    },
  };
}
