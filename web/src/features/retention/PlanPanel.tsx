// SPDX-License-Identifier: Apache-2.0
import { Alert, Button, Group, Loader, Stack, Text, Title } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import {
  IconAlertTriangle,
  IconArrowLeft,
  IconCircleCheck,
  IconCircleX,
  IconPlayerPlay,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { repositoryAddress } from "@/shell/addresses";
import { Confirm, Fact, Facts, Failure, formatBytes, formatMoment, Loading, Moment } from "@/ui";
import { retention } from "@/words/retention";
import { MakePlan } from "./MakePlan";
import { PlanState } from "./PlanState";
import { MadeBy, withPlan } from "./PlansPanel";
import { isUnderWay, type Plan, usePlan, useRunPlan } from "./queries";
import { Steps } from "./Steps";
import type { Scope } from "./scope";

const text = retention.plans;

interface Properties {
  scope: Scope;
  id: string;
  mayChange: boolean;
}

/** One plan: what it would delete or has deleted, and the way to run it. */
export function PlanPanel({ scope, id, mayChange }: Properties) {
  const query = usePlan(scope, id);
  const plan = query.data;
  return (
    <Stack>
      <Group>
        <Button
          component={Link}
          to="."
          search={withPlan()}
          variant="subtle"
          size="compact-sm"
          leftSection={<IconArrowLeft size={16} />}
        >
          {text.back}
        </Button>
      </Group>
      {query.isPending && <Loading />}
      {!plan && query.error && <Failure error={query.error} retry={() => void query.refetch()} />}
      {plan && <Opened scope={scope} plan={plan} mayChange={mayChange} />}
    </Stack>
  );
}

function Opened({ scope, plan, mayChange }: { scope: Scope; plan: Plan; mayChange: boolean }) {
  const isAgain = plan.state === "refused" || plan.state === "failed" || plan.state === "done";
  return (
    <>
      <Group justify="space-between">
        <Group gap="sm">
          <Title order={2} size="h4">
            {text.open(formatMoment(new Date(plan.made_at)))}
          </Title>
          <PlanState plan={plan} />
        </Group>
        {mayChange && plan.state === "planned" && plan.deletions > 0 && <Run scope={scope} plan={plan} />}
        {mayChange && isAgain && <MakePlan scope={scope} isPrimary={plan.state !== "done"} />}
      </Group>
      <Told scope={scope} plan={plan} />
      {plan.state !== "planning" && <About plan={plan} />}
      {plan.state !== "planning" && <Steps scope={scope} plan={plan} />}
    </>
  );
}

/** What is to be known of the state of a plan, and what comes next. */
function Told({ scope, plan }: { scope: Scope; plan: Plan }) {
  const { state, reason, deletions } = plan;
  if (isUnderWay(plan))
    return (
      <Alert color="blue" icon={<Loader size={16} />} role="status" title={text.states[state]}>
        {state === "planning" ? text.hints.planning : text.hints.running}
      </Alert>
    );
  if (state === "refused" || state === "failed")
    return (
      <Alert color="red" icon={<IconCircleX />} title={`${text.states[state]}${reason && `: ${reason}`}`}>
        {text.hints[state]}
      </Alert>
    );
  if (state === "done")
    return (
      <Alert color="teal" icon={<IconCircleCheck />} role="status" title={text.states.done}>
        <Text inherit>{text.goneAll}</Text>
        {scope.level === "repository" && <ToBin repository={scope.name} />}
      </Alert>
    );
  if (reason)
    return (
      <Alert color="orange" icon={<IconAlertTriangle />} title={text.brake}>
        <Text inherit fw={500}>
          {reason}
        </Text>
        {text.brakeHint}
      </Alert>
    );
  return deletions ? null : <Alert color="gray">{text.hints.nothing}</Alert>;
}

export function ToBin({ repository }: { repository: string }) {
  return (
    <Link to={repositoryAddress(repository)} search={{ tab: "bin" } as never} style={{ color: "inherit" }}>
      {text.binOf(repository)}
    </Link>
  );
}

function About({ plan }: { plan: Plan }) {
  const { deletions, units, size, freed_bytes: freed, done } = plan;
  return (
    <Facts>
      <Fact name={text.columns.goes}>{text.goes(deletions, units)}</Fact>
      <Fact name={text.columns.size}>
        {freed === null
          ? text.size(formatBytes(size))
          : text.sizeAndFreed(formatBytes(size), formatBytes(freed))}
      </Fact>
      <Fact name={text.columns.made}>
        <Moment at={plan.made_at} /> {retention.policy.by} <MadeBy plan={plan} />
        {plan.rules && <Text inherit>{text.given}</Text>}
      </Fact>
      {plan.ended_at && (
        <Fact name={text.states[plan.state]}>
          <Moment at={plan.ended_at} /> {text.gone(done)}
        </Fact>
      )}
    </Facts>
  );
}

/** Asks before it runs; where more goes than a run deletes unasked, for the number. */
function Run({ scope, plan }: { scope: Scope; plan: Plan }) {
  const [isOpen, { open, close }] = useDisclosure();
  const run = useRunPlan(scope);
  const { deletions, reason, freed_bytes: freed } = plan;
  return (
    <>
      <Button color="red.9" leftSection={<IconPlayerPlay size={16} />} onClick={open}>
        {text.run}
      </Button>
      <Confirm
        title={text.runTitle(deletions)}
        text={
          <Stack gap="xs">
            {reason && (
              <Text inherit fw={500}>
                {reason}
              </Text>
            )}
            <Text inherit>{text.runText}</Text>
            {freed !== null && <Text inherit>{text.runFrees(formatBytes(freed))}</Text>}
          </Stack>
        }
        act={text.runAct(deletions)}
        {...(reason ? { typed: String(deletions) } : {})}
        isOpen={isOpen}
        onClose={close}
        run={() => run(plan)}
      />
    </>
  );
}
