// SPDX-License-Identifier: Apache-2.0
/** Offers to ask a second person, wherever an act was refused that takes one. */

import { Anchor, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState } from "react";
import { whenApprovalNeeded } from "@/api";
import { Dialog, Loading } from "@/ui";
import { words } from "@/words";
import type { Wanted } from "./ApprovalForm";

const text = words.approvals.ask;
const Form = lazy(() => import("./ApprovalForm"));

/** A dialog that a refusal opens; what was refused stays as it is below. */
export function AskForApproval() {
  const [wanted, setWanted] = useState<Wanted>();
  const [isAsked, setAsked] = useState(false);
  useEffect(() => {
    whenApprovalNeeded(({ about }) => {
      setAsked(false);
      setWanted(wantedIn(about));
    });
  }, []);
  const close = () => setWanted(undefined);
  return (
    <Dialog title={text.title} isOpen={!!wanted} zIndex={400} onClose={close}>
      <Suspense fallback={<Loading />}>
        {wanted && !isAsked && <Form wanted={wanted} onDone={() => setAsked(true)} onCancel={close} />}
      </Suspense>
      {isAsked && (
        <Stack role="status">
          <Text>{text.asked}</Text>
          <Anchor component={Link} to="/approvals" search={{ tab: "mine" } as never} onClick={close}>
            {text.look}
          </Anchor>
        </Stack>
      )}
    </Dialog>
  );
}

/** What to ask for; nothing where somebody was asked already, or nobody can be. */
function wantedIn(about: unknown): Wanted | undefined {
  const { act, target, hours, waiting } = (about ?? {}) as Partial<Wanted> & { waiting?: string };
  return act && target && !waiting ? { act, target, hours } : undefined;
}
