// SPDX-License-Identifier: Apache-2.0
/** Keys of what is about one repository begin with it, so that changes in it renew them. */

import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components, pages } from "@/api";
import { askedAgain } from "@/live";

type Schemas = components["schemas"];
export type Promotion = Schemas["PromotionView"];
export type Path = Schemas["PathView"];
export type Terms = Schemas["PathRequest"];
export type Wanted = Schemas["PromotionRequest"];
export type Preview = Schemas["PromotionPreview"];
export type Verdict = "approve" | "refuse";

/** As the server has it. */
export const MOST_APPROVALS = 10;
export const LONGEST_HOURS = 24 * 90;
export const LONGEST_NOTE = 300;
const EVERY = "promotions";

export function usePromotions(isMine: boolean) {
  return useInfiniteQuery({
    ...pages([EVERY, isMine ? "waiting" : "all"], (cursor, signal) =>
      api.GET("/api/v1/promotions", {
        params: { query: { cursor, ...(isMine ? { waiting_for: "me" as const } : {}) } },
        signal,
      }),
    ),
    refetchInterval: ({ state: { data } }) => askedAgain(data?.pages.some(isUnderWay) ?? false),
  });
}

export function usePromotionsOf(name: string) {
  return useInfiniteQuery({
    ...pages(["repository", name, EVERY], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/promotions", {
        params: { path: { name }, query: { cursor } },
        signal,
      }),
    ),
    refetchInterval: ({ state: { data } }) => askedAgain(data?.pages.some(isUnderWay) ?? false),
  });
}

/** Whether something of a page ends soon, of which no event tells here. */
function isUnderWay({ items }: { items: Promotion[] }): boolean {
  return items.some(({ state }) => state === "running");
}

export function usePathPages() {
  return useInfiniteQuery(
    pages([EVERY, "paths"], (cursor, signal) =>
      api.GET("/api/v1/promotion-paths", { params: { query: { cursor } }, signal }),
    ),
  );
}

/** The paths that lead from a project, as far as the viewer may see where to. */
export function usePathsFrom(project: string) {
  return useQuery({
    queryKey: [EVERY, "from", project],
    queryFn: async ({ signal }) => {
      const query = { limit: 1000 };
      const found = await answer(api.GET("/api/v1/promotion-paths", { params: { query }, signal }));
      return found.items.filter((each) => each.source === project);
    },
  });
}

/** What people call those who approve. */
export function peopleOf(approvers: string[]): string {
  return approvers.map((each) => each.replace(/^user:/, "")).join(", ");
}

/** What to call when a promotion or a path has changed. */
export function useRenewal(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: [EVERY] });
    await queries.invalidateQueries({ queryKey: ["repository"] });
  };
}

export function promote(name: string, body: Wanted): Promise<Promotion> {
  return answer(api.POST("/api/v1/repositories/{name}/-/promotions", { params: { path: { name } }, body }));
}

export function previewPromotion(name: string, body: Wanted): Promise<Preview> {
  return answer(
    api.POST("/api/v1/repositories/{name}/-/promotions:preview", { params: { path: { name } }, body }),
  );
}

export function decide({ id: promotion }: Promotion, verdict: Verdict, note: string): Promise<Promotion> {
  const options = { params: { path: { promotion } }, body: { note } };
  return answer(
    verdict === "approve"
      ? api.POST("/api/v1/promotions/{promotion}:approve", options)
      : api.POST("/api/v1/promotions/{promotion}:refuse", options),
  );
}

export function withdraw({ id: promotion }: Promotion): Promise<Promotion> {
  return answer(api.POST("/api/v1/promotions/{promotion}:withdraw", { params: { path: { promotion } } }));
}

export function putPath(name: string, path: string, body: Terms): Promise<Path> {
  return answer(
    api.PUT("/api/v1/projects/{name}/promotion-paths/{path}", { params: { path: { name, path } }, body }),
  );
}

export async function deletePath({ project: name, name: path }: Path): Promise<void> {
  await answer(
    api.DELETE("/api/v1/projects/{name}/promotion-paths/{path}", { params: { path: { name, path } } }),
  );
}
