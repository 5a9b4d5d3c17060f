/** Counts seconds down: `tick` with those that are left, `done` after the last. Answers how to stop. */
export function countDown(seconds: number, tick: (left: number) => void, done: () => void): () => void {
  let left = seconds;
  tick(left);
  const timer = setInterval(() => {
    tick(--left);
    if (left > 0) return;
    clearInterval(timer);
    done();
  }, 1_000);
  return () => clearInterval(timer);
}
