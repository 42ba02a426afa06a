// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconPlus } from "@tabler/icons-react";
import { Dialog } from "@/ui";
import { words } from "@/words";
import { TemplateForm } from "./TemplateForm";

const text = words.templates;

/** A button that asks for a template of a project, or of the registry where that is empty. */
export function CreateTemplate({ project }: { project: string }) {
  const [isOpen, { open, close }] = useDisclosure();
  return (
    <>
      <Button leftSection={<IconPlus size={16} />} onClick={open}>
        {text.create}
      </Button>
      <Dialog title={text.form.create} isOpen={isOpen} onClose={close} size="lg">
        <TemplateForm project={project} onEnd={close} />
      </Dialog>
    </>
  );
}
