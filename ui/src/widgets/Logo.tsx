/** The mark: a dial with its needle, in the accent colour. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg
      aria-hidden="true"
      viewBox="0 0 32 32"
      style={{ width: `${size / 16}rem`, height: `${size / 16}rem`, flex: "none" }}
    >
      <rect width="32" height="32" rx="7" fill="#2457C5" />
      <path
        d="M7 21.5a9.5 9.5 0 1 1 18 0M16 20.5l4.6-7"
        fill="none"
        stroke="#fff"
        strokeWidth="3"
        strokeLinecap="round"
      />
    </svg>
  );
}
