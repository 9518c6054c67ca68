// The frame of a driver in JavaScript: one JSON request per line in, one JSON answer per line out (see clients/driver.py).
// Modules come from the folder that MILLRACE_NODE names.
import { createRequire } from 'node:module'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import zlib from 'node:zlib'

export const require = createRequire(pathToFileURL(process.env.MILLRACE_NODE + '/x.js'))
export const address = process.argv[2]

const { ZstdCodec } = require('zstd-codec')
const zstd = await new Promise((resolve) => ZstdCodec.run((z) => resolve(new z.Streaming())))
export const zstdCompress = (data) => Buffer.from(zstd.compress(data))
export const zstdDecompress = (data) => Buffer.from(zstd.decompress(data))
// Node 20 has no zstd of its own; clients that look for it find this one.
if (!zlib.zstdCompressSync) {
  zlib.zstdCompressSync = zstdCompress
  zlib.zstdDecompressSync = zstdDecompress
}

/** Reads requests; each is answered by the function of its name, which gets the request. */
export async function run(client, operations) {
  const say = (answer) => process.stdout.write(
    JSON.stringify(answer, (_, value) => (typeof value === 'bigint' ? Number(value) : value)) + '\n')
  say({ client })
  for await (const line of createInterface({ input: process.stdin })) {
    const request = JSON.parse(line)
    try {
      const operation = request.op === 'admin' ? operations.admin[request.call] : operations[request.op]
      if (!operation) throw new Error(`no operation ${request.op} ${request.call ?? ''}`)
      say((await operation(request)) ?? {})
    } catch (problem) {
      console.error(problem)
      const causes = (problem.errors ?? []).map((one) => one.message).join('; ')
      say({ error: `${problem.name}: ${problem.message} ${causes}` })
    }
  }
  process.exit(0)
}

/** Resolves what `promise` gives, or fails after `ms`. */
export function within(ms, what, promise) {
  let timer
  const late = new Promise((_, reject) => { timer = setTimeout(() => reject(new Error(`${what}: not within ${ms} ms`)), ms) })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}
