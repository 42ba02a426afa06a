// SPDX-License-Identifier: Apache-2.0
import { Anchor, Stack, Tabs } from "@mantine/core";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useIsMounted } from "@/shell/mounted";
import { Page, useInAddress } from "@/ui";
import { words } from "@/words";
import { type Question, questionOf } from "./actions";
import { DecisionPart } from "./DecisionPart";
import { Holders } from "./Holders";
import { QuestionForm } from "./QuestionForm";

const text = words.access;
const MAY = "may";
const WHO = "who";

export default function AccessPage() {
  const [tab, open] = useInAddress("tab");
  const question = questionOf(useSearch({ strict: false }) as Record<string, unknown>);
  const navigate = useNavigate();
  const isWho = tab === WHO;
  const ask = (asked: Question) =>
    void navigate({ to: ".", search: { ...asked, tab: isWho ? WHO : undefined } as never });
  return (
    <Page title={text.title} about={<About />}>
      <Tabs
        value={isWho ? WHO : MAY}
        onChange={(chosen) => open(chosen === WHO ? WHO : "")}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label={text.parts}>
          <Tabs.Tab value={MAY}>{text.may}</Tabs.Tab>
          <Tabs.Tab value={WHO}>{text.who}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value={isWho ? WHO : MAY}>
          <Stack>
            <QuestionForm asked={question} hasWhom={!isWho} onAsk={ask} />
            {question.repository !== "" &&
              (isWho ? <Holders question={question} /> : <DecisionPart question={question} />)}
          </Stack>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function About() {
  const hasRoles = useIsMounted("roles");
  return (
    <>
      {text.about}{" "}
      {hasRoles && (
        <Anchor component={Link} to={"/roles" as "/"} underline="always" inherit>
          {text.roles}
        </Anchor>
      )}
    </>
  );
}
