export function Stars({ rating }: { rating: number }) {
  return (
    <span className="stars-shown" role="img" aria-label={`${rating} of 5 stars`}>
      {"★".repeat(rating)}
      <span className="stars-rest">{"★".repeat(5 - rating)}</span>
    </span>
  );
}
