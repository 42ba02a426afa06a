// SPDX-License-Identifier: Apache-2.0
import { useBlocker } from "@tanstack/react-router";
import { Confirm } from "@/ui";
import { retention } from "@/words/retention";

const text = retention.editor;

interface Place {
  pathname: string;
  search: object;
}

/** Asks before what was changed and not saved is lost by going elsewhere, or by closing the page. */
export function Leaving({ isChanged }: { isChanged: boolean }) {
  const blocker = useBlocker({
    shouldBlockFn: ({ current, next }) => isChanged && isElsewhere(current, next),
    enableBeforeUnload: () => isChanged,
    withResolver: true,
  });
  return (
    <Confirm
      title={text.leave}
      text={text.leaveText}
      act={text.leaveAct}
      isOpen={blocker.status === "blocked"}
      onClose={() => blocker.reset?.()}
      run={async () => blocker.proceed?.()}
    />
  );
}

/** Whether the tab is left; what is open within it is in the address, too. */
function isElsewhere(current: Place, next: Place): boolean {
  const tabOf = ({ search }: Place) => (search as { tab?: string }).tab;
  return current.pathname !== next.pathname || tabOf(current) !== tabOf(next);
}
