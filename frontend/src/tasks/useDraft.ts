import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useNavigate } from "react-router";
import { EMPTY_FORM, type FormValues } from "./form";
import { useShown } from "./useShown";

/** What the form for a new task begins with. */
export interface Draft {
  values: FormValues;
  /** Under which these values were sent before: they may have arrived. */
  key?: string;
}

export const EMPTY_DRAFT: Draft = { values: EMPTY_FORM };

const REOPENED = ["tasks", "reopened"];

/** The draft that is open, if any. `reopen` shows one again, also from another page. */
export function useDraft() {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const here = useShown();
  const [begun, begin] = useState<Draft | null>(null);
  // In the cache, because a message outlives the page whose form it opens again.
  const { data: reopened } = useQuery<Draft | null>({
    queryKey: REOPENED,
    queryFn: () => null,
    enabled: false,
    initialData: null,
  });

  return {
    draft: reopened ?? begun,
    begin,
    reopen: (draft: Draft): void => {
      queries.setQueryData(REOPENED, draft);
      if (!here.current) void navigate("/tasks");
    },
    close: (): void => {
      begin(null);
      queries.setQueryData(REOPENED, null);
    },
  };
}
