// SPDX-License-Identifier: Apache-2.0
import { IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm, Dialog, MenuAct, MenuRemoval, RowMenu } from "@/ui";
import { naming as text } from "@/words/naming";
import { type Rules, useSetRules } from "./queries";
import { RuleForm } from "./RuleForm";

interface Properties {
  project: string;
  rules: Rules;
  /** Which rule, from 0. */
  at: number;
}

/** Changes a rule, or removes it. */
export function RuleActions({ project, rules: { rules, revision }, at }: Properties) {
  const [open, setOpen] = useState<"change" | "remove">();
  const set = useSetRules(project, revision);
  const close = () => setOpen(undefined);
  return (
    <>
      <RowMenu label={text.actionsFor(at + 1)}>
        {() => (
          <>
            <MenuAct icon={IconPencil} onClick={() => setOpen("change")}>
              {text.change}
            </MenuAct>
            <MenuRemoval onClick={() => setOpen("remove")}>{text.remove.item}</MenuRemoval>
          </>
        )}
      </RowMenu>
      <Dialog title={text.form.change(at + 1)} isOpen={open === "change"} onClose={close} size="lg">
        <RuleForm
          project={project}
          rule={rules[at]}
          save={(rule) => set(rules.toSpliced(at, 1, rule))}
          onEnd={close}
        />
      </Dialog>
      <Confirm
        title={text.remove.title(at + 1)}
        text={text.remove.text}
        act={text.remove.act}
        isOpen={open === "remove"}
        onClose={close}
        run={() => set(rules.toSpliced(at, 1))}
      />
    </>
  );
}
