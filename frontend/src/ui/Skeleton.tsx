interface SkeletonProps {
  /** What is loading, for those who cannot see it: "Loading feedback". */
  label: string;
  /** As many blocks as will come, so that nothing moves when they do. */
  blocks?: number;
  className?: string;
}

export function Skeleton({ label, blocks = 1, className = "" }: SkeletonProps) {
  return (
    <div className={`skeleton ${className}`} role="status">
      <span className="visually-hidden">{label}</span>
      {Array.from({ length: blocks }, (_, index) => (
        <span key={index} className="skeleton-block" aria-hidden="true" />
      ))}
    </div>
  );
}
