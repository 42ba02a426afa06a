// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Confirm } from "@/ui";
import { promotions } from "@/words/promotions";
import { named } from "./PromotionTable";
import { type Promotion, useRenewal, withdraw } from "./queries";

const text = promotions.withdraw;

/** Gives up what the viewer asked for. */
export function Withdraw({ promotion }: { promotion: Promotion }) {
  const [isOpen, { open, close }] = useDisclosure();
  const renew = useRenewal();
  const run = async () => {
    await withdraw(promotion);
    await renew();
  };
  return (
    <>
      <Button size="compact-sm" variant="subtle" onClick={open} aria-label={text.label(named(promotion))}>
        {text.act}
      </Button>
      <Confirm
        title={text.title}
        text={text.text}
        act={text.act}
        isHarmless
        isOpen={isOpen}
        onClose={close}
        run={run}
      />
    </>
  );
}
