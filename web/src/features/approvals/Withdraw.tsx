// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Confirm } from "@/ui";
import { words } from "@/words";
import { type Approval, useActs } from "./queries";

const text = words.approvals.withdraw;

/** Gives up what the viewer asked for. */
export function Withdraw({ approval }: { approval: Approval }) {
  const [isOpen, { open, close }] = useDisclosure();
  const { withdraw } = useActs();
  return (
    <>
      <Button
        size="compact-sm"
        variant="subtle"
        onClick={open}
        aria-label={text.label(`${approval.act} ${approval.target}`)}
      >
        {text.act}
      </Button>
      <Confirm
        title={text.title(words.approvals.acts[approval.act])}
        text={text.text}
        act={text.act}
        isHarmless
        isOpen={isOpen}
        onClose={close}
        run={() => withdraw(approval.id)}
      />
    </>
  );
}
