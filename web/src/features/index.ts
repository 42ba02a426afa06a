// SPDX-License-Identifier: Apache-2.0
// The features of this console, one line each. What the server has not mounted is not shown.

export { access } from "./access";
export { approvals } from "./approvals";
export { artifacts } from "./artifacts";
export { audit } from "./audit";
export { backup } from "./backup";
export { breakGlass } from "./break-glass";
export { dashboard } from "./dashboard";
export { events } from "./events";
export { garbage } from "./garbage";
export { grants } from "./grants";
export { groups } from "./groups";
export { guardrails } from "./guardrails";
export { guide } from "./guide";
export { history } from "./history";
export { immutability } from "./immutability";
export { invitations } from "./invitations";
export { jobs } from "./jobs";
export { modes } from "./modes";
export { naming } from "./naming";
export { projects } from "./projects";
export { retention } from "./retention";
export { robots } from "./robots";
export { roles } from "./roles";
export { search } from "./search";
export { secondFactors } from "./second-factors";
export { sessions } from "./sessions";
export { system } from "./system";
export { templates } from "./templates";
export { tokens } from "./tokens";
export { usage } from "./usage";
export { users } from "./users";
