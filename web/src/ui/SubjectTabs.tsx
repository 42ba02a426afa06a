// SPDX-License-Identifier: Apache-2.0
import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense } from "react";
import type { Tab } from "@/shell/feature";
import { words } from "@/words";
import { Empty, Loading } from "./states";

const pages = new WeakMap<object, ComponentType<{ subject: never }>>();

function loaded<Subject>(tab: Tab<Subject>): ComponentType<{ subject: Subject }> {
  const known = pages.get(tab) ?? (lazy(tab.load) as unknown as ComponentType<{ subject: never }>);
  pages.set(tab, known);
  return known as unknown as ComponentType<{ subject: Subject }>;
}

interface Properties<Subject> {
  label: string;
  subject: Subject;
  tabs: readonly Tab<Subject>[];
}

/** The tabs that features have put on a subject; the open one is in the address (`?tab=`), the first if none is. */
export function SubjectTabs<Subject>({ label, subject, tabs }: Properties<Subject>) {
  const search = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const open = search.tab ? tabs.find((tab) => tab.id === search.tab) : tabs[0];
  const select = (id: string | null) =>
    void navigate({
      to: ".",
      search: { tab: id === tabs[0]?.id ? undefined : (id ?? undefined) },
      replace: true,
    });
  return (
    <Tabs value={open?.id ?? null} onChange={select} keepMounted={false}>
      <Tabs.List mb="md" aria-label={label}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {open ? (
        <Tabs.Panel value={open.id}>
          <Opened tab={open} subject={subject} />
        </Tabs.Panel>
      ) : (
        <Empty title={words.ui.noSuchTab} text={words.ui.noSuchTabHint} />
      )}
    </Tabs>
  );
}

function Opened<Subject>({ tab, subject }: { tab: Tab<Subject>; subject: Subject }) {
  const Content = loaded(tab);
  return (
    <Suspense fallback={<Loading />}>
      <Content subject={subject} />
    </Suspense>
  );
}
