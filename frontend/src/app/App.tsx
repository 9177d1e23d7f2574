import { Route, Routes } from "react-router";
import { Layout } from "./Layout";
import { NotFoundPage, PAGES } from "./pages";

export function App() {
  return (
    <Routes>
      <Route element={<Layout />}>
        {PAGES.map(({ path, Page }) => (
          <Route key={path} path={path} element={<Page />} />
        ))}
        <Route path="*" element={<NotFoundPage />} />
      </Route>
    </Routes>
  );
}
