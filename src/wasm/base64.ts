interface HostBuffer {
  from(text: string, encoding: 'base64'): Uint8Array<ArrayBuffer>;
}

/** Base64 to bytes, in every JavaScript environment. */
export function decodeBase64(text: string): Uint8Array<ArrayBuffer> {
  // Node's own decoder takes 1 ms for a build, the other way 10.
  const { Buffer } = globalThis as { Buffer?: HostBuffer };
  if (Buffer !== undefined) return Buffer.from(text, 'base64');
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}
