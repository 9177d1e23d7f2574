/** The cursor of the next page, from the header `Link: <?cursor=…>; rel="next"`; null at the end. */
export function nextCursor(header: string | null): string | null {
  for (const link of (header ?? "").matchAll(/<([^>]*)>([^,<]*)/g)) {
    const [, target = "", parameters = ""] = link;
    if (!/;\s*rel\s*=\s*"?next"?\s*(;|$)/i.test(parameters)) continue;
    const query = target.slice(target.indexOf("?") + 1);
    return new URLSearchParams(query).get("cursor");
  }
  return null;
}
