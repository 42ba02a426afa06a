// SPDX-License-Identifier: Apache-2.0
export {
  answer,
  api,
  askToProveAgain,
  ROOT,
  setCsrfToken,
  whenApprovalNeeded,
  whenLoggedOut,
} from "./client";
export { named, type PageOf, page, pages } from "./pages";
export { Problem, UNREACHABLE } from "./problem";
export type { components } from "./schema.gen";
