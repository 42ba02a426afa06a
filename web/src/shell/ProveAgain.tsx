// SPDX-License-Identifier: Apache-2.0
/** Asks for a fresh proof of identity when an act needs one, then lets the act go on. */

import { lazy, Suspense, useEffect, useRef, useState } from "react";
import { askToProveAgain } from "@/api";
import { Dialog, Loading } from "@/ui";
import { words } from "@/words";
import type { Method } from "./proof";

const ProofForm = lazy(() => import("./ProofForm"));

/** A dialog that `askToProveAgain` opens. */
export function ProveAgain({ methods }: { methods: readonly Method[] }) {
  const [isOpen, setOpen] = useState(false);
  const settle = useRef<(isProven: boolean) => void>(() => {});
  useEffect(() => {
    askToProveAgain(
      () =>
        new Promise<boolean>((resolve) => {
          settle.current(false);
          settle.current = resolve;
          setOpen(true);
        }),
    );
  }, []);
  const end = (isProven: boolean) => {
    setOpen(false);
    settle.current(isProven);
  };
  return (
    <Dialog title={words.shell.proveAgain.title} isOpen={isOpen} zIndex={400} onClose={() => end(false)}>
      <Suspense fallback={<Loading />}>
        <ProofForm methods={methods} onProven={() => end(true)} />
      </Suspense>
    </Dialog>
  );
}
