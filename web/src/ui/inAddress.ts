// SPDX-License-Identifier: Apache-2.0
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";

/** A text that is kept in the query of the address, so that the view can be linked to; empty when it is not there. */
export function useInAddress(name: string): [value: string, put: (value: string) => void] {
  const search = useSearch({ strict: false }) as Record<string, unknown>;
  const navigate = useNavigate();
  const put = useCallback(
    (value: string) =>
      void navigate({
        to: ".",
        search: ((before: object) => ({ ...before, [name]: value || undefined })) as never,
        replace: true,
      }),
    [navigate, name],
  );
  const found = search[name];
  return [found === undefined ? "" : String(found), put];
}
