// SPDX-License-Identifier: Apache-2.0
export { answer, api, askToProveAgain, type PageOf, page, ROOT, setCsrfToken, whenLoggedOut } from "./client";
export { Problem, UNREACHABLE } from "./problem";
export type { components } from "./schema.gen";
