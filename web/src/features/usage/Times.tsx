// SPDX-License-Identifier: Apache-2.0
import { useMemo } from "react";
import { Failure, formatBytes, formatDay, formatMoment, formatNumber, Loading } from "@/ui";
import { usage as texts } from "@/words/usage";
import { Bars } from "./Bars";
import { DAYS, type Place, useGrowth, useTraffic, useUsage } from "./queries";
import { filled, HOUR_MS, lastDays } from "./series";

/** Pulls hour by hour of the last day, and pulls and pushes day by day of the last 30. */
export function PullsAndPushes({ place }: { place: Place }) {
  const hours = useUsage(place, "hour");
  const days = useUsage(place, "day");
  const span = useMemo(() => lastDays(DAYS, new Date()), []);
  const failed = hours.error ?? days.error;
  if (failed)
    return <Failure error={failed} retry={() => void Promise.all([hours.refetch(), days.refetch()])} />;
  if (!hours.data || !days.data) return <Loading />;
  const ofDay = { since: new Date(hours.data.since), until: new Date(hours.data.until), stepMs: HOUR_MS };
  return (
    <>
      <Bars
        title={texts.pullsByHour}
        points={filled(hours.data.items, ofDay, ({ pulls }) => pulls)}
        format={formatNumber}
        formatAt={formatMoment}
      />
      <Bars
        title={texts.pulls}
        points={filled(days.data.items, span, ({ pulls }) => pulls)}
        format={formatNumber}
        formatAt={formatDay}
      />
      <Bars
        title={texts.pushes}
        points={filled(days.data.items, span, ({ pushes }) => pushes)}
        format={formatNumber}
        formatAt={formatDay}
      />
    </>
  );
}

/** Bytes in and out, day by day. */
export function InAndOut({ place }: { place: Place }) {
  const { data, error, refetch } = useTraffic(place);
  const span = useMemo(() => lastDays(DAYS, new Date()), []);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading />;
  return (
    <>
      <Bars
        title={texts.sent}
        points={filled(data.items, span, ({ sent_bytes }) => sent_bytes)}
        format={formatBytes}
        formatAt={formatDay}
      />
      <Bars
        title={texts.pushed}
        points={filled(data.items, span, ({ pushed_bytes }) => pushed_bytes)}
        format={formatBytes}
        formatAt={formatDay}
      />
    </>
  );
}

/** What a project held, day by day. */
export function Held({ project }: { project: string }) {
  const { data, error, refetch } = useGrowth(project);
  if (error) return <Failure error={error} retry={() => void refetch()} />;
  if (!data) return <Loading />;
  const points = data.items.map(({ at, bytes }) => ({ at: new Date(at), value: bytes }));
  return (
    <Bars
      title={texts.held}
      points={points}
      format={formatBytes}
      formatAt={formatDay}
      figure={formatBytes(points[points.length - 1]?.value ?? 0)}
    />
  );
}
