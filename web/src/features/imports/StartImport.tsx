// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useState } from "react";
import { Dialog } from "@/ui";
import { imports } from "@/words/imports";
import { ImportForm } from "./ImportForm";
import { Preview } from "./Preview";
import { NOTHING } from "./terms";

const text = imports.starting;

/** Begins an import: what is wanted, then what would come, and only then anything comes. */
export function StartImport() {
  const [isOpen, setOpen] = useState(false);
  const [typed, setTyped] = useState(NOTHING);
  const [looking, setLooking] = useState("");
  const end = () => {
    setOpen(false);
    setTyped(NOTHING);
    setLooking("");
  };
  return (
    <>
      <Button onClick={() => setOpen(true)} w="max-content">
        {text.open}
      </Button>
      <Dialog title={text.title} isOpen={isOpen} onClose={end} size="xl">
        {looking ? (
          <Preview id={looking} onBack={() => setLooking("")} onEnd={end} />
        ) : (
          <ImportForm
            typed={typed}
            onType={setTyped}
            onLook={(found) => setLooking(found.id)}
            onCancel={end}
          />
        )}
      </Dialog>
    </>
  );
}
