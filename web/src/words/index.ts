// SPDX-License-Identifier: Apache-2.0
/** Every text of the console, by feature: the one catalogue, but for `audit.ts`, `backup.ts`, `bin.ts`, `descriptions.ts`, `finding.ts`, `garbage.ts`, `holds.ts`, `immutability.ts`, `in-use.ts`, `labels.ts`, `markdown.ts`, `naming.ts`, `notifications.ts`, `retention.ts`, `rule-words.ts`, `usage.ts` and `webhooks.ts`, which their pages load. What is counted or named is a function. */

import { access } from "./access";
import { approvals } from "./approvals";
import { artifacts } from "./artifacts";
import { breakGlass } from "./break-glass";
import { dashboard } from "./dashboard";
import { events } from "./events";
import { grants } from "./grants";
import { groups } from "./groups";
import { guardrails } from "./guardrails";
import { guide } from "./guide";
import { hints } from "./hints";
import { history } from "./history";
import { invitations } from "./invitations";
import { jobs } from "./jobs";
import { modes } from "./modes";
import { projects } from "./projects";
import { robots } from "./robots";
import { roles } from "./roles";
import { search } from "./search";
import { secondFactors } from "./second-factors";
import { sessions } from "./sessions";
import { shell } from "./shell";
import { system } from "./system";
import { templates } from "./templates";
import { tokens } from "./tokens";
import { ui } from "./ui";
import { users } from "./users";

export const words = {
  access,
  approvals,
  artifacts,
  breakGlass,
  dashboard,
  events,
  grants,
  groups,
  guardrails,
  guide,
  hints,
  history,
  invitations,
  jobs,
  modes,
  projects,
  robots,
  roles,
  search,
  secondFactors,
  sessions,
  shell,
  system,
  templates,
  tokens,
  ui,
  users,
};

const rules = new Intl.PluralRules("en");
const numbers = new Intl.NumberFormat("en");

/** Say how many there are: `counted(2, { one: "tag", other: "tags" })` is "2 tags". */
export function counted(count: number, forms: { one: string; other: string }): string {
  return `${numbers.format(count)} ${rules.select(count) === "one" ? forms.one : forms.other}`;
}
