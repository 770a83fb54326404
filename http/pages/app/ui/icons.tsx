// Line icons on a grid of 20, drawn for these pages.
const PATHS = {
  token: 'M12.5 3a4.5 4.5 0 1 0 0 9 4.5 4.5 0 0 0 0-9Zm-3.2 7.7L3 17m2.5-2.5L8 17m5-10v.01',
  people: 'M7.5 9.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6Zm-5 7a5 5 0 0 1 10 0m.5-12.6a3 3 0 0 1 0 5.2m1.5 2.7a5 5 0 0 1 3 4.7',
  audit: 'M5 3h10v14l-2.5-1.6L10 17l-2.5-1.6L5 17V3Zm3 4.5h4m-4 3.5h4',
  policy: 'M10 2.8 16 5v4.6c0 3.7-2.5 6.4-6 7.6-3.5-1.2-6-3.9-6-7.600V5l6-2.200Zm-2.5 7 1.8 1.8 3.4-3.6',
  server: 'M3.5 4h13v5h-13V4Zm0 7h13v5h-13v-5ZM6.5 6.500v.01m0 6.990v.01',
  legacy: 'M10 3.500a6.5 6.5 0 1 0 6.5 6.500M10 6v4l2.5 2M14 3.500l2.5 2.500L19 3.5',
  building: 'M4 17V3.500h7V17m0-9h5v9M2.5 17h15M6.5 6.500h2m-2 3h2m-2 3h2m5-1.500v.01m0 2.990v.01',
  copy: 'M7 7V3.500h9.500V13H13M3.5 7H13v9.500H3.500V7Z',
  check: 'm4 10.5 4 4 8-9',
  close: 'm5 5 10 10M15 5 5 15',
  more: 'M10 5v.01M10 10v.01M10 15v.01',
  search: 'M9 3.500a5.5 5.5 0 1 0 0 11 5.5 5.5 0 0 0 0-11Zm4 9.5 4 4',
  plus: 'M10 4v12M4 10h12',
  menu: 'M3 5.500h14M3 10h14M3 14.500h14',
  down: 'm5 7.5 5 5 5-5',
  up: 'm5 12.5 5-5 5 5',
  left: 'm12.5 5-5 5 5 5',
  right: 'm7.5 5 5 5-5 5',
  alert: 'M10 3 18 17H2L10 3Zm0 5v4m0 2.500v.01',
  stop: 'M10 2.500a7.5 7.5 0 1 0 0 15 7.5 7.5 0 0 0 0-15ZM4.8 4.800l10.4 10.4',
  trash: 'M3.5 5.500h13M8 5.500V3h4v2.500m-6.5 0 .8 11.500h7.400l.8-11.500M8.5 8.500v5.500m3-5.500v5.5',
  eye: 'M2 10s3-5.5 8-5.5 8 5.5 8 5.5-3 5.5-8 5.500S2 10 2 10Zm8-2.500a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5Z',
  refresh: 'M16 5.500v4h-4m3.6 0A6 6 0 1 0 15.5 13',
  download: 'M10 3v9.500m-4-4 4 4 4-4M3.5 16.500h13',
  user: 'M10 9.500a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.400Zm-6 7.500a6 6 0 0 1 12 0',
  offline: 'M3 3l14 14M6.5 12.500a5 5 0 0 1 4.5-1.400M3.5 9.500A9 9 0 0 1 7 7.300m3-.8a9 9 0 0 1 6.5 3M10 16v.01',
  live: 'M10 9a1 1 0 1 0 0 2 1 1 0 0 0 0-2ZM6.5 6.500a5 5 0 0 0 0 7m7 0a5 5 0 0 0 0-7M4 4a8.5 8.5 0 0 0 0 12m12 0A8.5 8.5 0 0 0 16 4',
  ledger: 'M4 3h12v14H4V3Zm3 4h6m-6 3h6m-6 3h3',
} as const

export type IconName = keyof typeof PATHS

/** Decoration: the words beside it, or the label of the button around it, say what it means. */
export function Icon({ name, size = 18 }: { name: IconName; size?: number }) {
  return (
    <svg class="icon" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true" focusable="false">
      <path d={PATHS[name]} stroke-width={name === 'more' ? 2.6 : undefined} />
    </svg>
  )
}

export function Logo() {
  return (
    <svg class="logo" width="28" height="28" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" />
      <path d="M9 9v14M14 9v14M19 9v14M24 9v14M6 21 27 11" />
    </svg>
  )
}
