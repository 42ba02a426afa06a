// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useState } from "react";
import { Dialog, Failure, Loading } from "@/ui";
import { imports as text } from "@/words/imports";
import { type Import, TOLD_FAILURES, useFailures } from "./queries";
import { Reasons } from "./Reasons";

/** Says of an import why the first tags and repositories that failed did; the report has them all. */
export function WhatFailed({ found }: { found: Import }) {
  const [isOpen, setOpen] = useState(false);
  if (found.state === "running" || found.counts.failed + found.repositories_failed === 0) return null;
  return (
    <>
      <Button size="compact-sm" variant="default" onClick={() => setOpen(true)}>
        {text.whatFailed}
      </Button>
      <Dialog title={text.whatFailed} isOpen={isOpen} onClose={() => setOpen(false)} size="lg">
        <Failures found={found} />
      </Dialog>
    </>
  );
}

function Failures({ found }: { found: Import }) {
  const failures = useFailures(found);
  if (failures.error) return <Failure error={failures.error} retry={() => void failures.refetch()} />;
  if (!failures.data) return <Loading />;
  return <Reasons title={text.firstFailures(TOLD_FAILURES)} lines={failures.data} />;
}
