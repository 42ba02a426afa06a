// SPDX-License-Identifier: Apache-2.0
import { Alert, Loader } from "@mantine/core";
import { IconDatabaseExport } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { isGoingOn, type Job, useJob } from "@/live";
import { backup as text } from "@/words/backup";
import { KEY } from "./queries";

const COLORS = { queued: "blue", running: "blue", succeeded: "teal", dead: "red", cancelled: "orange" };

/** What becomes of the backup that is taken now, or was begun here. */
export function Taking({ id }: { id: string }) {
  const { data: job } = useJob(KEY, id);
  const queries = useQueryClient();
  const isOver = job !== undefined && !isGoingOn(job);
  useEffect(() => {
    if (!isOver) return;
    void queries.invalidateQueries({ queryKey: [KEY, "list"] });
    void queries.invalidateQueries({ queryKey: [KEY, "plan"] });
  }, [isOver, queries]);
  if (!job) return null;
  const isFailing = job.state === "queued" && job.last_error !== null;
  const color = isFailing ? "orange" : COLORS[job.state];
  return (
    <Alert
      color={color}
      icon={isOver ? <IconDatabaseExport size={16} /> : <Loader size={16} />}
      role="status"
    >
      {told(job)}
    </Alert>
  );
}

function told({ state, progress, last_error: error }: Job): string {
  const note = progress?.note ?? "";
  if (state === "queued") return error ? text.again(error) : text.begins;
  if (state === "running") return text.running(note);
  if (state === "succeeded") return text.ended.succeeded(note);
  return state === "dead" ? text.ended.dead(error ?? "") : text.ended.cancelled;
}
