// SPDX-License-Identifier: Apache-2.0
import { Tabs } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type ComponentType, lazy, Suspense } from "react";
import type { Tab } from "@/shell/feature";
import { Loading } from "./states";

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

/** The tabs that features have put on a subject; the open one is in the address (`?tab=`). */
export function SubjectTabs<Subject>({ label, subject, tabs }: Properties<Subject>) {
  const search = useSearch({ strict: false }) as { tab?: string };
  const navigate = useNavigate();
  const open = tabs.find((tab) => tab.id === search.tab) ?? tabs[0];
  if (!open) return null;
  const Content = loaded(open);
  const select = (id: string | null) =>
    void navigate({
      to: ".",
      search: { tab: id === tabs[0]?.id ? undefined : (id ?? undefined) },
      replace: true,
    });
  return (
    <Tabs value={open.id} onChange={select} keepMounted={false}>
      <Tabs.List mb="md" aria-label={label}>
        {tabs.map((tab) => (
          <Tabs.Tab key={tab.id} value={tab.id}>
            {tab.label}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={open.id}>
        <Suspense fallback={<Loading />}>
          <Content subject={subject} />
        </Suspense>
      </Tabs.Panel>
    </Tabs>
  );
}
