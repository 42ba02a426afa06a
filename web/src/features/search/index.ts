// SPDX-License-Identifier: Apache-2.0
import type { ConsoleFeature } from "@/shell/feature";
import { find } from "./find";

export const search: ConsoleFeature = {
  name: "search",
  pages: [{ path: "/search", load: () => import("./SearchPage") }],
  find,
};
