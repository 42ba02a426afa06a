// SPDX-License-Identifier: Apache-2.0
import { PromotionTable } from "./PromotionTable";
import { usePromotions } from "./queries";

export default function WaitingTab() {
  return <PromotionTable list={usePromotions(true)} name="waiting" />;
}
