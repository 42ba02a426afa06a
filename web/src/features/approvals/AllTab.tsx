// SPDX-License-Identifier: Apache-2.0
import { ApprovalTable } from "./ApprovalTable";

export default function AllTab() {
  return <ApprovalTable list="all" />;
}
