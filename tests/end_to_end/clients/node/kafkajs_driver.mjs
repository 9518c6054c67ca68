// Driver of kafkajs.
import { address, require, run, within, zstdCompress, zstdDecompress } from './driver_main.mjs'

process.env.KAFKAJS_NO_PARTITIONER_WARNING = '1'
const { Kafka, CompressionTypes, CompressionCodecs, ConfigResourceTypes, logLevel } = require('kafkajs')
const wasm = require('@platformatic/wasm-utils/bundled')

// kafkajs brings gzip only; the others are given to it, as its users do.
const codec = (compress, decompress) => () => ({
  compress: async (encoder) => compress(encoder.buffer),
  decompress: async (buffer) => decompress(buffer)
})
// Java writes snappy in frames of its own: eight bytes of magic, two versions, then blocks behind their sizes.
const snappyDecompress = (buffer) => {
  if (buffer.length < 16 || buffer.toString('latin1', 0, 8) !== '\x82SNAPPY\0') return wasm.snappyDecompress(buffer)
  const blocks = []
  for (let at = 16; at < buffer.length;) {
    const size = buffer.readInt32BE(at)
    blocks.push(Buffer.from(wasm.snappyDecompress(buffer.subarray(at + 4, at + 4 + size))))
    at += 4 + size
  }
  return Buffer.concat(blocks)
}
CompressionCodecs[CompressionTypes.Snappy] = codec(wasm.snappyCompress, snappyDecompress)
CompressionCodecs[CompressionTypes.LZ4] = codec(wasm.lz4Compress, wasm.lz4Decompress)
CompressionCodecs[CompressionTypes.ZSTD] = codec(zstdCompress, zstdDecompress)
const types = { none: 0, gzip: 1, snappy: 2, lz4: 3, zstd: 4 }

const kafka = new Kafka({ clientId: 'kafkajs', brokers: [address], logLevel: logLevel.ERROR, retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 15 } })
const members = {}
const producers = {}
let fresh = 0

async function withAdmin(use) {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

async function produce({ topic, partition, codec, records, idempotent = false, acks = -1 }) {
  const producer = kafka.producer({ idempotent, maxInFlightRequests: 1 })
  await producer.connect()
  try {
    const messages = records.map(([key, value]) => ({ key, value, partition, headers: { from: 'kafkajs' } }))
    const [answer] = await producer.send({ topic, acks, compression: types[codec], messages })
    return { offsets: acks === 0 ? null : records.map((_, index) => Number(answer.baseOffset) + index) }
  } finally {
    await producer.disconnect()
  }
}

async function consume({ topic, partition, start, until, committed = false }) {
  const consumer = kafka.consumer({ groupId: `kafkajs-reader-${process.pid}-${fresh++}`, readUncommitted: !committed, maxWaitTimeInMs: 200 })
  const found = []
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    const done = new Promise((resolve) => {
      consumer.run({
        autoCommit: false,
        eachMessage: async ({ partition: from, message }) => {
          if (from !== partition || (start !== 'earliest' && Number(message.offset) < start)) return
          const headers = Object.entries(message.headers ?? {}).map(([name, value]) => [name, value.toString()])
          found.push({ offset: Number(message.offset), key: message.key?.toString() ?? '', value: message.value.toString(), headers })
          if (message.value.toString() === until) resolve()
        }
      })
    })
    if (start !== 'earliest') consumer.seek({ topic, partition, offset: String(start) })
    await within(30000, `waiting for ${until.slice(0, 40)}`, done)
    return { records: found.slice(0, 1 + found.findIndex((record) => record.value === until)) }
  } finally {
    await consumer.disconnect()
  }
}

async function join({ member, group, topic }) {
  const consumer = kafka.consumer({ groupId: group, sessionTimeout: 10000, heartbeatInterval: 300, maxWaitTimeInMs: 200 })
  const state = { consumer, partitions: [], values: [] }
  members[member] = state
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => { state.partitions = payload.memberAssignment[topic] ?? [] })
  consumer.on(consumer.events.REBALANCING, () => { state.partitions = [] })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({ autoCommitInterval: 200, eachMessage: async ({ message }) => { state.values.push(message.value.toString()) } })
}

async function leave({ member }) {
  const { consumer } = members[member]
  delete members[member]
  await consumer.disconnect()
}

async function transaction({ id, topic, partition, values, commit, group, offset }) {
  if (!producers[id]) {
    producers[id] = kafka.producer({ transactionalId: id, idempotent: true, maxInFlightRequests: 1 })
    await producers[id].connect()
  }
  const open = await producers[id].transaction()
  await open.send({ topic, messages: values.map((value) => ({ value, partition })) })
  if (group) {
    await open.sendOffsets({ consumerGroupId: group, topics: [{ topic, partitions: [{ partition, offset: String(offset) }] }] })
  }
  await (commit ? open.commit() : open.abort())
}

const topicConfig = (name) => ({ type: ConfigResourceTypes.TOPIC, name })
await run(`kafkajs ${require('kafkajs/package.json').version}`, {
  produce, consume, join, leave, transaction,
  members: async () => ({
    members: Object.fromEntries(Object.entries(members).map(([name, { partitions, values }]) =>
      [name, { partitions: [...partitions].sort((a, b) => a - b), values }]))
  }),
  admin: {
    create_topic: ({ name, partitions = 1, configs = {} }) => withAdmin(async (admin) => {
      const configEntries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
      const isNew = await admin.createTopics({ topics: [{ topic: name, numPartitions: partitions, replicationFactor: 1, configEntries }] })
      if (!isNew) throw new Error('the topic exists')
    }),
    delete_topic: ({ name }) => withAdmin((admin) => admin.deleteTopics({ topics: [name] })),
    topics: () => withAdmin(async (admin) => ({ topics: await admin.listTopics() })),
    partitions: ({ topic }) => withAdmin(async (admin) =>
      ({ partitions: (await admin.fetchTopicMetadata({ topics: [topic] })).topics[0].partitions.length })),
    create_partitions: ({ topic, count }) => withAdmin(async (admin) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] })
    }),
    describe_config: ({ topic, key }) => withAdmin(async (admin) => {
      const answer = await admin.describeConfigs({ resources: [topicConfig(topic)], includeSynonyms: false })
      return { value: answer.resources[0].configEntries.find((entry) => entry.configName === key).configValue }
    }),
    alter_config: ({ topic, key, value }) => withAdmin(async (admin) => {
      await admin.alterConfigs({ validateOnly: false, resources: [{ ...topicConfig(topic), configEntries: [{ name: key, value }] }] })
    }),
    cluster: () => withAdmin(async (admin) => {
      const answer = await admin.describeCluster()
      return { brokers: answer.brokers.map((one) => `${one.host}:${one.port}`), id: answer.clusterId }
    }),
    delete_records: ({ topic, partition, offset }) => withAdmin(async (admin) => {
      await admin.fetchTopicOffsets(topic)  // the call below does not load the metadata that it needs
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
      const [one] = (await admin.fetchTopicOffsets(topic)).filter((entry) => entry.partition === partition)
      return { low: Number(one.low) }
    }),
    groups: () => withAdmin(async (admin) => ({ groups: (await admin.listGroups()).groups.map((one) => one.groupId) })),
    describe_group: ({ group }) => withAdmin(async (admin) => {
      const [answer] = (await admin.describeGroups([group])).groups
      return { state: answer.state, members: answer.members.length }
    }),
    delete_group: ({ group }) => withAdmin(async (admin) => { await admin.deleteGroups([group]) }),
    set_offset: ({ group, topic, partition, offset }) => withAdmin(async (admin) => {
      await admin.setOffsets({ groupId: group, topic, partitions: [{ partition, offset: String(offset) }] })
    }),
    committed: ({ group, topic, partition }) => withAdmin(async (admin) => {
      const [answer] = await admin.fetchOffsets({ groupId: group, topics: [topic] })
      return { offset: Number(answer.partitions.find((one) => one.partition === partition).offset) }
    }),
    offsets: ({ topic, partition }) => withAdmin(async (admin) => {
      const one = (await admin.fetchTopicOffsets(topic)).find((entry) => entry.partition === partition)
      return { earliest: Number(one.low), latest: Number(one.high) }
    })
  }
})
