// SPDX-License-Identifier: Apache-2.0
import { PromotionTable } from "./PromotionTable";
import { usePromotions } from "./queries";

export default function AllTab() {
  return <PromotionTable list={usePromotions(false)} name="all" />;
}
