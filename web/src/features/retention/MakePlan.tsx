// SPDX-License-Identifier: Apache-2.0
import { Button } from "@mantine/core";
import { IconListSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { tellRefused } from "@/ui";
import { retention } from "@/words/retention";
import { useMakePlan } from "./queries";
import type { Scope } from "./scope";

const text = retention.plans;

/** Begins a plan and leads to it; deletes nothing. */
export function MakePlan({ scope, isPrimary = false }: { scope: Scope; isPrimary?: boolean }) {
  const make = useMakePlan(scope);
  const navigate = useNavigate();
  const [isMaking, setMaking] = useState(false);
  const begin = async () => {
    setMaking(true);
    try {
      const { id } = await make();
      await navigate({
        to: ".",
        search: ((before: object) => ({ ...before, view: "plans", plan: id })) as never,
      });
    } catch (error) {
      tellRefused(error, text.make);
    } finally {
      setMaking(false);
    }
  };
  return (
    <Button
      variant={isPrimary ? "filled" : "default"}
      leftSection={<IconListSearch size={16} />}
      loading={isMaking}
      onClick={() => void begin()}
    >
      {text.make}
    </Button>
  );
}
