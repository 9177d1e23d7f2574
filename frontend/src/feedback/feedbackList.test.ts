import { expect, test } from "vitest";
import { shown } from "../test/samples";
import { itemsOf, withNews, type Pages } from "./feedbackList";

const pages = (numbers: number[]): Pages => ({
  pages: [
    { items: numbers.map((number) => shown(number)), count: numbers.length, lastKey: "next" },
  ],
  pageParams: [null],
});
const newest = (numbers: number[], lastKey: string | null = "next") => ({
  items: numbers.map((number) => shown(number)),
  count: numbers.length,
  lastKey,
});
const ids = (merged: Pages | null) =>
  merged && itemsOf(merged).map(({ message }) => message.slice(9));

test("nothing new leaves the list as it is", () => {
  const list = pages([2, 1]);
  expect(withNews(list, newest([2, 1]))).toBe(list);
});

test("what is new goes on top, newest first", () => {
  expect(ids(withNews(pages([2, 1]), newest([4, 3, 2])))).toEqual(["4", "3", "2", "1"]);
});

test("more news than a page holds leave a gap, so the list cannot be joined", () => {
  expect(withNews(pages([2, 1]), newest([13, 12, 11]))).toBeNull();
});

test("a newest page without a next one has no gap", () => {
  expect(ids(withNews(pages([]), newest([3], null)))).toEqual(["3"]);
});
