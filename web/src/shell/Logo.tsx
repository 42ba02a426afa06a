// SPDX-License-Identifier: Apache-2.0
/** Three containers in a port: the mark of Entrepot. */
export function Logo({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" role="presentation">
      <rect x="3" y="17" width="12" height="10" rx="2" fill="#4c6ef5" />
      <rect x="17" y="17" width="12" height="10" rx="2" fill="#15aabf" />
      <rect x="10" y="5" width="12" height="10" rx="2" fill="#fab005" />
    </svg>
  );
}
