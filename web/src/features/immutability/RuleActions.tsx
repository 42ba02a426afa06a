// SPDX-License-Identifier: Apache-2.0
import { IconArrowDown, IconArrowUp, IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm, Dialog, MenuAct, MenuRemoval, RowMenu, tellRefused } from "@/ui";
import { immutability as text } from "@/words/immutability";
import { moved, withoutRule, withRule } from "./drafts";
import { type Rules, useSetRules } from "./queries";
import { RuleForm } from "./RuleForm";

interface Properties {
  project: string;
  rules: Rules;
  /** Which rule, from 0. */
  at: number;
}

/** Changes a rule, asks it earlier or later, or removes it. */
export function RuleActions({ project, rules: { rules, revision }, at }: Properties) {
  const [open, setOpen] = useState<"change" | "remove">();
  const set = useSetRules(project, revision);
  const close = () => setOpen(undefined);
  const move = (by: number) =>
    void set(moved(rules, at, by)).catch((error: unknown) => tellRefused(error, text.notMoved));
  return (
    <>
      <RowMenu label={text.actionsFor(at + 1)}>
        {() => (
          <>
            <MenuAct icon={IconPencil} onClick={() => setOpen("change")}>
              {text.change}
            </MenuAct>
            {at > 0 && (
              <MenuAct icon={IconArrowUp} onClick={() => move(-1)}>
                {text.up}
              </MenuAct>
            )}
            {at < rules.length - 1 && (
              <MenuAct icon={IconArrowDown} onClick={() => move(1)}>
                {text.down}
              </MenuAct>
            )}
            <MenuRemoval onClick={() => setOpen("remove")}>{text.remove.item}</MenuRemoval>
          </>
        )}
      </RowMenu>
      <Dialog title={text.form.change(at + 1)} isOpen={open === "change"} onClose={close} size="lg">
        <RuleForm
          project={project}
          rule={rules[at]}
          save={(rule) => set(withRule(rules, rule, at))}
          onEnd={close}
        />
      </Dialog>
      <Confirm
        title={text.remove.title(at + 1)}
        text={text.remove.text}
        act={text.remove.act}
        isOpen={open === "remove"}
        onClose={close}
        run={() => set(withoutRule(rules, at))}
      />
    </>
  );
}
