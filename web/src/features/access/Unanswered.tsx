// SPDX-License-Identifier: Apache-2.0
import { IconLock } from "@tabler/icons-react";
import { Problem } from "@/api";
import { Failure, Notice, Refusal } from "@/ui";
import { words } from "@/words";
import type { Question } from "./actions";

interface Properties {
  error: Error;
  question: Pick<Question, "repository">;
  retry: () => void;
}

/** Why a question has no answer: it is none, the viewer may not ask it, or something failed. */
export function Unanswered({ error, question, retry }: Properties) {
  const status = error instanceof Problem ? error.status : 0;
  if (status === 400) return <Refusal error={error} />;
  if (status !== 403) return <Failure error={error} retry={retry} />;
  const text = words.access.forbidden(question.repository);
  return <Notice icon={IconLock} color="yellow" title={words.ui.forbidden} text={text} />;
}
