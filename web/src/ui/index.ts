// SPDX-License-Identifier: Apache-2.0
export { AddressesField, addressesIn } from "./AddressesField";
export { ChangeAddresses } from "./ChangeAddresses";
export { Choice } from "./Choice";
export { Confirm } from "./Confirm";
export { Command, Copy, Copyable } from "./Copy";
export { actionsColumn, sinceAndBy } from "./columns";
export { Dialog, DialogForm } from "./Dialog";
export { type Column, EndlessTable } from "./EndlessTable";
export { Fact, Facts } from "./Facts";
export { Filter } from "./Filter";
export { formatBytes, formatDay, formatMoment, formatNumber, formatSince, shortDigest } from "./format";
export { On, RoleName, SYSTEM, Tags } from "./Granted";
export { type Happening, type HappeningKind, Happenings } from "./Happenings";
export { useInAddress } from "./inAddress";
export { type Crumb, Page } from "./Page";
export { Principal } from "./Principal";
export { PrincipalFields } from "./PrincipalFields";
export {
  IN_PARTICULAR,
  identityOf,
  isMany,
  isSomebody,
  NOBODY,
  nameOf,
  PRINCIPAL_KINDS,
} from "./principals";
export { MenuAct, MenuRemoval, RowMenu } from "./RowMenu";
export { Secret, SecretDialog } from "./Secret";
export { Bytes, Digest, Moment, Until } from "./Shown";
export { SubjectTabs } from "./SubjectTabs";
export { Empty, Failure, Loading, Notice, Refusal, tellRefused } from "./states";
