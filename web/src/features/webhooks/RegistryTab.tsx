// SPDX-License-Identifier: Apache-2.0
import { useMay } from "@/shell/session";
import { Empty } from "@/ui";
import { webhooks as text } from "@/words/webhooks";
import { WebhooksView } from "./WebhooksView";

/** What the registry tells other systems: for its administrators. */
export default function RegistryTab() {
  const may = useMay("administer");
  return may ? <WebhooksView project="" /> : <Empty title={text.closed} text={text.closedHint} />;
}
