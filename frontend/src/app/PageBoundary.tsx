import { Component, type ReactNode } from "react";
import { ErrorNotice } from "../ui/ErrorNotice";

interface Props {
  /** A new one takes the error away: the path of the page. */
  resetKey: string;
  children: ReactNode;
}

interface State {
  error: unknown;
  failedAt: string | null;
}

/** A page that fails, or whose code cannot be loaded, leaves the navigation standing. */
export class PageBoundary extends Component<Props, State> {
  override state: State = { error: null, failedAt: null };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error };
  }

  static getDerivedStateFromProps({ resetKey }: Props, state: State): Partial<State> | null {
    if (state.error === null) return { failedAt: resetKey };
    return state.failedAt === resetKey ? null : { error: null, failedAt: resetKey };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    return <ErrorNotice error={this.state.error} onRetry={() => window.location.reload()} />;
  }
}
