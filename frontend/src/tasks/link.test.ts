import { expect, it } from "vitest";
import { nextCursor } from "./link";

it.each([
  [null, null],
  ["", null],
  ['<?cursor=abc_-1>; rel="next"', "abc_-1"],
  ['<?Status=In%20Progress&cursor=abc&limit=10>; rel="next"', "abc"],
  ["<?cursor=abc>; rel=next", "abc"],
  ['<?cursor=abc>; rel="prev"', null],
  ['<?cursor=no>; rel="prev", <?cursor=yes>; rel="next"', "yes"],
  ['<https://api.example.com/prod/tasks?cursor=abc>; rel="next"; title="more"', "abc"],
  ['<?limit=10>; rel="next"', null],
])("%s leads to %s", (header, cursor) => {
  expect(nextCursor(header)).toBe(cursor);
});
