// SPDX-License-Identifier: Apache-2.0
import { QueryClient } from "@tanstack/react-query";
import { Problem } from "@/api";

const RETRIES = 2;

/** Make the cache of answers. What was refused is not asked again; what failed is, twice. */
export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 10_000,
        retry: (failures, error) =>
          failures < RETRIES && (!(error instanceof Problem) || error.status === 0 || error.status >= 500),
      },
      // What is done may have a secret for its answer: nothing of it is kept once nobody shows it.
      mutations: { retry: false, gcTime: 0 },
    },
  });
}
