// SPDX-License-Identifier: Apache-2.0
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { answer, api, type components } from "@/api";

export type Factors = components["schemas"]["SecondFactorList"];
export type Factor = components["schemas"]["SecondFactorView"];

export const OWN = "/api/v1/users/me/second-factors";
const KEY = ["second-factors"];

export function useFactors() {
  return useQuery({ queryKey: KEY, queryFn: () => answer(api.GET(OWN)) });
}

/** Ask anew for the factors, and for the session: whether a login is complete may hang on them. */
export function useRefreshFactors(): () => Promise<void> {
  const queries = useQueryClient();
  return async () => {
    await queries.invalidateQueries({ queryKey: KEY });
    await queries.invalidateQueries({ queryKey: ["session"] });
  };
}
