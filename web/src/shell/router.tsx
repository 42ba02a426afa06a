// SPDX-License-Identifier: Apache-2.0
/** The addresses of the console, from the pages of the features that are shown. */

import { createRootRoute, createRoute, createRouter, type RouteComponent } from "@tanstack/react-router";
import { lazy } from "react";
import { ROOT } from "@/api";
import { Loading } from "@/ui";
import { Admitted } from "./Admitted";
import { Crashed, NotFound } from "./endings";
import { Frame } from "./Frame";
import type { ConsoleFeature, Page } from "./feature";
import { parseSearch, stringifySearch } from "./search";

export function createConsoleRouter(features: readonly ConsoleFeature[]) {
  const root = createRootRoute({ component: Frame, notFoundComponent: NotFound, errorComponent: Crashed });
  const pages = features.flatMap((feature) => feature.pages ?? []);
  const routes = pages.map((page) =>
    createRoute({ getParentRoute: () => root, path: page.path, component: admitted(page) }),
  );
  return createRouter({
    routeTree: root.addChildren(routes),
    basepath: ROOT || "/",
    defaultPendingComponent: Loading,
    defaultErrorComponent: Crashed,
    defaultNotFoundComponent: NotFound,
    defaultPreload: "intent",
    scrollRestoration: true,
    parseSearch,
    stringifySearch,
  });
}

function admitted(page: Page): RouteComponent {
  const Content = lazy(page.load);
  const Shown = () => (
    <Admitted audience={page.audience ?? "user"}>
      <Content />
    </Admitted>
  );
  const preload = async () => {
    await page.load();
  };
  return Object.assign(Shown, { preload });
}
