// SPDX-License-Identifier: Apache-2.0

export interface Registry {
  address: string;
  isPlain: boolean;
}

export interface Login {
  name: string;
  secret: string;
}

/** A line that logs a client in. The secret and the name of a robot need no quoting in any shell. */
export function loginLine(client: "docker" | "podman", registry: Registry, { name, secret }: Login): string {
  // Docker takes plain HTTP on loopback, and elsewhere by the configuration of its daemon only.
  const flag = client === "podman" && registry.isPlain ? " --tls-verify=false" : "";
  return `echo ${secret} | ${client} login${flag} ${registry.address} --username ${name} --password-stdin`;
}
