// SPDX-License-Identifier: Apache-2.0
import { Card, Group, Text, Title } from "@mantine/core";
import { usage as texts } from "@/words/usage";
import type { Point } from "./series";
import classes from "./usage.module.css";

const HEIGHT = 96;
const STEP = 10;
const GAP = 2;

interface Properties {
  title: string;
  points: readonly Point[];
  format: (value: number) => string;
  formatAt: (at: Date) => string;
  /** What is said beside the title: the sum of all unless given. */
  figure?: string;
}

/** A bar for each hour or day; each says what it is on hovering, and all of them in one sentence to who hears it. */
export function Bars({ title, points, format, formatAt, figure }: Properties) {
  const most = Math.max(1, ...points.map(({ value }) => value));
  const sum = points.reduce((total, { value }) => total + value, 0);
  const [first, last] = [points[0], points[points.length - 1]];
  return (
    <Card withBorder padding="md">
      <Group justify="space-between" gap="sm" mb="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        <Text fw={600}>{figure ?? format(sum)}</Text>
      </Group>
      <svg
        className={classes.bars}
        viewBox={`0 0 ${points.length * STEP} ${HEIGHT}`}
        preserveAspectRatio="none"
        role="img"
        aria-label={texts.chart(title, format(sum), format(most))}
      >
        {points.map(({ at, value }, place) => {
          const height = value > 0 ? Math.max(1, (HEIGHT * value) / most) : 0;
          return (
            <g key={at.getTime()}>
              <title>{texts.bar(formatAt(at), format(value))}</title>
              <rect className={classes.column} x={place * STEP} y={0} width={STEP} height={HEIGHT} />
              <rect
                className={classes.bar}
                x={place * STEP + GAP / 2}
                y={HEIGHT - height}
                width={STEP - GAP}
                height={height}
              />
            </g>
          );
        })}
      </svg>
      {first && last && (
        <Group justify="space-between" mt={4}>
          <Text size="xs" c="dimmed">
            {formatAt(first.at)}
          </Text>
          <Text size="xs" c="dimmed">
            {formatAt(last.at)}
          </Text>
        </Group>
      )}
    </Card>
  );
}
