// SPDX-License-Identifier: Apache-2.0
import {
  keepPreviousData,
  type QueryClient,
  useInfiniteQuery,
  useQuery,
  useQueryClient,
} from "@tanstack/react-query";
import { answer, api, type components, Problem, pages } from "@/api";
import { askedAgain } from "@/live";
import type { Scope } from "./scope";

type Schemas = components["schemas"];
export type Rule = Schemas["RuleView-Input"];
export type Selection = Schemas["SelectionView"];
export type Policy = Schemas["PolicyView"];
export type Terms = Required<Schemas["PolicyRequest"]>;
export type Preset = Schemas["PresetView"];
export type Tried = Schemas["TriedView"];
export type Going = Schemas["GoingView"];
export type Plan = Schemas["PlanView"];
export type Step = Schemas["StepView"];
export type Verdict = Schemas["VerdictView"];
export type Imported = Schemas["ImportedView"];
export type Difference = Schemas["DifferenceView"];
export type Format = Schemas["Format"];
export type Expiry = Schemas["ExpiryView"];

const KEY = "retention";
export const SHOWN = 100;

const PLACES = {
  registry: "/api/v1/retention",
  project: "/api/v1/projects/{name}/retention",
  repository: "/api/v1/repositories/{name}/-/retention",
} as const;

type Below =
  | ""
  | ":preview"
  | ":import"
  | "/plans"
  | "/plans/{plan}"
  | "/plans/{plan}/steps"
  | "/plans/{plan}:run";

/** Where something of a scope is. All levels answer alike, so the types are those of a project. */
function at<B extends Below>({ level }: Scope, below: B): `${(typeof PLACES)["project"]}${B}` {
  return `${PLACES[level]}${below}` as `${(typeof PLACES)["project"]}${B}`;
}

/** The policy of a scope, null where it has none. */
export function usePolicy(scope: Scope) {
  return useQuery({
    queryKey: [KEY, "policy", scope.level, scope.name],
    queryFn: ({ signal }) => policyOf(scope, signal),
    retry: (count, error) => !(error instanceof Problem && error.status === 403) && count < 3,
  });
}

async function policyOf(scope: Scope, signal?: AbortSignal): Promise<Policy | null> {
  try {
    return await answer(
      api.GET(at(scope, ""), { params: { path: { name: scope.name } }, ...(signal && { signal }) }),
    );
  } catch (error) {
    if (error instanceof Problem && error.code === "retention_policy_unknown") return null;
    throw error;
  }
}

/** Somebody else has set the policy since it was shown. */
export class ChangedMeanwhile extends Error {
  readonly policy: Policy | null;

  constructor(policy: Policy | null) {
    super("changed");
    this.policy = policy;
  }
}

/** Puts a whole policy in the place of the one that was shown. Throws `ChangedMeanwhile`. */
export function useSetPolicy(scope: Scope) {
  const client = useQueryClient();
  return async (terms: Terms, shown: Policy | null) => {
    const now = await policyOf(scope);
    if (now?.changed_at !== shown?.changed_at) throw new ChangedMeanwhile(now);
    const policy = await answer(
      api.PUT(at(scope, ""), { params: { path: { name: scope.name } }, body: terms }),
    );
    client.setQueryData([KEY, "policy", scope.level, scope.name], policy);
    renewVerdicts(client);
    return policy;
  };
}

export function useRemovePolicy(scope: Scope) {
  const client = useQueryClient();
  return async () => {
    await answer(api.DELETE(at(scope, ""), { params: { path: { name: scope.name } } }));
    client.setQueryData([KEY, "policy", scope.level, scope.name], null);
    renewVerdicts(client);
  };
}

/** What becomes of tags is another thing under other rules. */
function renewVerdicts(client: QueryClient): void {
  void client.invalidateQueries({
    predicate: ({ queryKey }) => queryKey[0] === "repository" && queryKey[2] === KEY,
  });
}

export function usePresets() {
  return useQuery({
    queryKey: [KEY, "presets"],
    queryFn: ({ signal }) => answer(api.GET("/api/v1/retention/presets", { signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
}

export type Trial = Pick<Schemas["TryRequest"], "rules" | "in_place" | "expires_by_labels">;

/** What rules would do, the first of it shown. An answer that is waited for in vain is given up. */
export function useTrial(scope: Scope, trial: Trial | undefined) {
  return useQuery({
    queryKey: [KEY, "trial", scope.level, scope.name, trial],
    queryFn: ({ signal }) =>
      answer(
        api.POST(at(scope, ":preview"), {
          params: { path: { name: scope.name } },
          body: { rules: [], ...trial, limit: SHOWN },
          signal,
        }),
      ),
    enabled: trial !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 60_000,
  });
}

export function readForeign(scope: Scope, format: Format, document: Record<string, unknown>) {
  return answer(
    api.POST(at(scope, ":import"), {
      params: { path: { name: scope.name } },
      body: { format, document },
    }),
  );
}

export function isUnderWay(plan: Plan | undefined): boolean {
  return plan?.state === "planning" || plan?.state === "running";
}

export function usePlans(scope: Scope) {
  return useInfiniteQuery({
    ...pages([KEY, "plans", scope.level, scope.name], (cursor, signal) =>
      api.GET(at(scope, "/plans"), {
        params: { path: { name: scope.name }, query: { cursor } },
        signal,
      }),
    ),
    refetchInterval: ({ state: { data } }) => askedAgain(data?.pages[0]?.items.some(isUnderWay) ?? false),
  });
}

export function usePlan(scope: Scope, plan: string) {
  return useQuery({
    queryKey: [KEY, "plan", scope.level, scope.name, plan],
    queryFn: ({ signal }) =>
      answer(api.GET(at(scope, "/plans/{plan}"), { params: { path: { name: scope.name, plan } }, signal })),
    refetchInterval: ({ state: { data } }) => (data && !isUnderWay(data) ? false : askedAgain(true)),
  });
}

/** What a plan deletes, asked for anew while that is done. */
export function useSteps(scope: Scope, { id: plan, state }: Plan) {
  return useInfiniteQuery({
    ...pages([KEY, "steps", scope.level, scope.name, plan, state], (cursor, signal) =>
      api.GET(at(scope, "/plans/{plan}/steps"), {
        params: { path: { name: scope.name, plan }, query: { cursor } },
        signal,
      }),
    ),
    enabled: state !== "planning",
    placeholderData: keepPreviousData,
    refetchInterval: state === "running" ? askedAgain(true) : false,
  });
}

/** Begins a plan by the policies that are set. */
export function useMakePlan(scope: Scope) {
  const client = useQueryClient();
  return async () => {
    const plan = await answer(
      api.POST(at(scope, "/plans"), { params: { path: { name: scope.name } }, body: {} }),
    );
    void client.invalidateQueries({ queryKey: [KEY, "plans", scope.level, scope.name] });
    return plan;
  };
}

/** Has a plan carried out, by somebody who has seen how many deletions it names. */
export function useRunPlan(scope: Scope) {
  const client = useQueryClient();
  return async ({ id: plan, deletions }: Plan) => {
    try {
      const running = await answer(
        api.POST(at(scope, "/plans/{plan}:run"), {
          params: { path: { name: scope.name, plan } },
          body: { deletions },
        }),
      );
      client.setQueryData([KEY, "plan", scope.level, scope.name, plan], running);
    } finally {
      void client.invalidateQueries({ queryKey: [KEY, "plans", scope.level, scope.name] });
    }
  };
}

/** What the policies in force make of the tags of a repository, of all of them or of one. */
export function useVerdicts(repository: string, tag: string) {
  return useInfiniteQuery({
    ...pages(["repository", repository, KEY, "verdicts", tag], (cursor, signal) =>
      api.GET("/api/v1/repositories/{name}/-/retention:explain", {
        params: { path: { name: repository }, query: { tag, cursor } },
        signal,
      }),
    ),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

const EXPIRY = "/api/v1/repositories/{name}/-/tags/{tag}/expiry";

export function useExpiry(name: string, tag: string) {
  return useQuery({
    queryKey: ["repository", name, KEY, "expiry", tag],
    queryFn: ({ signal }) => answer(api.GET(EXPIRY, { params: { path: { name, tag } }, signal })),
    retry: false,
  });
}

/** Says when a tag goes: a moment, null for never, undefined for as its artifact says. */
export function useSetExpiry(name: string, tag: string) {
  const client = useQueryClient();
  const path = { name, tag };
  return async (expiresAt: string | null | undefined) => {
    if (expiresAt !== undefined)
      await answer(api.PUT(EXPIRY, { params: { path }, body: { expires_at: expiresAt } }));
    else await answer(api.DELETE(EXPIRY, { params: { path } }));
    renewVerdicts(client);
  };
}
