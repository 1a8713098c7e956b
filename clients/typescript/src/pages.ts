/** A part of a list. */
export interface Page<T> {
  readonly items: readonly T[];

  /** Where the next part begins; null where this is the last. */
  readonly nextCursor: string | null;
}

/**
 * All items of a list, page by page as they are taken.
 * @example
 * for await (const batch of iterate(({ cursor }) => client.listBatches(pipelineId, { status: "failed", cursor }))) console.log(batch.id);
 * @param list Reads the page that begins at the cursor; the first where it is undefined.
 */
export async function* iterate<T>(list: (page: { cursor: string | undefined }) => Promise<Page<T>>): AsyncGenerator<T, void, undefined> {
  let cursor: string | undefined;
  do {
    const page: Page<T> = await list({ cursor });
    yield* page.items;
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
}
