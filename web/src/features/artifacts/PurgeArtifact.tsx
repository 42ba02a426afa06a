// SPDX-License-Identifier: Apache-2.0
import { notifications } from "@mantine/notifications";
import { useState } from "react";
import { Confirm, formatBytes, MenuRemoval, RowMenu, shortDigest } from "@/ui";
import { bin } from "@/words/bin";
import { freeArtifact } from "./queries";
import { useRenewal } from "./useRemoval";

const text = bin.purge;

/** Deletes an artifact of the bin for good, after its digest was typed. */
export function PurgeArtifact({ repository, digest }: { repository: string; digest: string }) {
  const [isOpen, open] = useState(false);
  const renew = useRenewal(repository);
  const short = shortDigest(digest);
  const purge = async () => {
    const { freed } = await freeArtifact(repository, digest);
    notifications.show({ message: text.done(short, formatBytes(freed.freed_bytes)), color: "teal" });
    await renew();
  };
  return (
    <>
      <RowMenu label={bin.actionsFor(short)}>
        {() => <MenuRemoval onClick={() => open(true)}>{text.item}</MenuRemoval>}
      </RowMenu>
      <Confirm
        title={text.title(short)}
        text={text.text}
        act={text.act}
        typed={short}
        isOpen={isOpen}
        onClose={() => open(false)}
        run={purge}
      />
    </>
  );
}
