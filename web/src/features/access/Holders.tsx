// SPDX-License-Identifier: Apache-2.0
import { Alert, Input, Stack, Text, Title } from "@mantine/core";
import { type Column, Command, Empty, EndlessTable, On, Principal, RoleName, Tags, Until } from "@/ui";
import { words } from "@/words";
import { placeOf, type Question, whoCommand } from "./actions";
import { type Holder, useHolders } from "./queries";
import { Unanswered } from "./Unanswered";

const text = words.access;

const COLUMNS: Column<Holder>[] = [
  { id: "who", header: text.columns.who, cell: ({ row }) => <Principal identity={row.original.principal} /> },
  { id: "role", header: text.columns.role, cell: ({ row }) => <Role holder={row.original} /> },
  { id: "through", header: text.columns.through, cell: ({ row }) => <Through holder={row.original} /> },
  {
    id: "pattern",
    header: text.columns.pattern,
    cell: ({ row: { original } }) => original.grant && <On pattern={original.grant.path_pattern} />,
  },
  {
    id: "tags",
    header: text.columns.tags,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => original.grant && <Tags pattern={original.grant.tag_pattern} />,
  },
  {
    id: "until",
    header: text.columns.until,
    meta: { isHiddenWhenNarrow: true },
    cell: ({ row: { original } }) => original.grant && <Until at={original.grant.expires_at} />,
  },
];

/** Who may do something in a repository, and by which grants. */
export function Holders({ question }: { question: Omit<Question, "principal"> }) {
  const list = useHolders(question);
  if (list.isError)
    return <Unanswered error={list.error} question={question} retry={() => void list.refetch()} />;
  const title = text.holders(words.roles.actions[question.action].verb, placeOf(question));
  const isComplete = list.data?.pages.every((page) => page.isComplete) ?? true;
  return (
    <Stack gap="sm">
      {list.isSuccess && (
        <Title order={2} size="h4">
          {title}
        </Title>
      )}
      {!isComplete && <Alert color="yellow">{text.incomplete}</Alert>}
      <EndlessTable
        label={title}
        list={list}
        columns={COLUMNS}
        keyOf={keyOf}
        empty={<Empty title={text.nobody} text={text.nobodyHint} />}
      />
      {list.isSuccess && (
        <Input.Wrapper label={text.commandHint} labelElement="div" maw={760}>
          <Command text={whoCommand(question)} what={text.commandName} />
        </Input.Wrapper>
      )}
    </Stack>
  );
}

function Role({ holder: { grant } }: { holder: Holder }) {
  return grant ? <RoleName role={grant.role} /> : text.open;
}

/** The group that a role was given to, or whoever else is not the one who may. */
function Through({ holder: { principal, grant } }: { holder: Holder }) {
  if (!grant) return null;
  if (grant.held_by !== principal) return <Principal identity={grant.held_by} />;
  return (
    <Text span inherit c="dimmed">
      {text.directly}
    </Text>
  );
}

function keyOf({ principal, grant }: Holder): string {
  return [principal, grant?.held_by, grant?.role, grant?.path_pattern, grant?.tag_pattern].join(" ");
}
