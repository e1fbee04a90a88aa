export default async function stopRedis(): Promise<void> {
  await globalThis.hooklineTestRedis?.close()
}
