// SPDX-License-Identifier: Apache-2.0
export { askedAgain, isGoingOn, type Job, useJob } from "./job";
export { type Heard, type Recent, USED, useRecent } from "./recent";
export { type LiveEvent, RESET } from "./stream";
export { useLive, useLiveQueries } from "./useLive";
