import { Link } from "react-router";
import { Page } from "../ui";

export default function NotFoundPage() {
  return (
    <Page title="Page not found" lead="There is nothing at this address.">
      <p>
        <Link to="/">Give feedback, or read what others say</Link>
      </p>
    </Page>
  );
}
