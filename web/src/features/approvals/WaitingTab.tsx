// SPDX-License-Identifier: Apache-2.0
import { ApprovalTable } from "./ApprovalTable";

export default function WaitingTab() {
  return <ApprovalTable list="waiting" />;
}
