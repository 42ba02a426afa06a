// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { answer, api, Problem } from "@/api";
import { Failure, Loading, Page, Refusal, useInAddress } from "@/ui";
import { words } from "@/words";
import { type Action, actionOf } from "./actions";
import { DecisionShown } from "./DecisionShown";
import { Question } from "./Question";
import { RoleTable } from "./RoleTable";

export default function AccessPage() {
  const action = actionOf(useInAddress("action")[0]);
  const [repository] = useInAddress("repository");
  const navigate = useNavigate();
  const ask = (wanted: Action, of: string) =>
    void navigate({ to: ".", search: { action: wanted, repository: of } as never });
  return (
    <Page title={words.access.title} about={words.access.about}>
      <Question action={action} repository={repository} onAsk={ask} />
      {repository ? <Answer action={action} repository={repository} /> : <RoleTable />}
    </Page>
  );
}

function Answer({ action, repository }: { action: Action; repository: string }) {
  const decision = useQuery({
    queryKey: ["access", action, repository],
    queryFn: ({ signal }) =>
      answer(api.GET("/api/v1/access", { params: { query: { action, repository } }, signal })),
    staleTime: 0,
  });
  if (decision.error instanceof Problem && decision.error.status === 400)
    return <Refusal error={decision.error} />;
  if (decision.isError) return <Failure error={decision.error} retry={() => void decision.refetch()} />;
  if (decision.isPending) return <Loading />;
  return <DecisionShown decision={decision.data} />;
}
