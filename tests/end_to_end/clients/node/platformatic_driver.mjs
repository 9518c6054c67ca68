// Driver of @platformatic/kafka.
import { address, require, run, within } from './driver_main.mjs'
import { pathToFileURL } from 'node:url'

const entry = require.resolve('@platformatic/kafka')
const { Admin, Consumer, Producer, ConfigResourceTypes, IncrementalAlterConfigOperationTypes, stringSerializers, stringDeserializers,
  ListOffsetTimestamps } = await import(pathToFileURL(entry))

const base = { clientId: 'platformatic', bootstrapBrokers: [address], retries: 20, retryDelay: 50 }
const members = {}
const producers = {}
let fresh = 0

async function withAdmin(use) {
  const admin = new Admin(base)
  try {
    return await use(admin)
  } finally {
    await admin.close()
  }
}

async function produce({ topic, partition, codec, records, idempotent = false, acks = -1 }) {
  const producer = new Producer({ ...base, serializers: stringSerializers, idempotent })
  try {
    const messages = records.map(([key, value]) => ({ topic, partition, key, value, headers: { from: 'platformatic' } }))
    const answer = await producer.send({ messages, acks, compression: codec })
    return { offsets: acks === 0 ? null : records.map((_, index) => Number(answer.offsets[0].offset) + index) }
  } finally {
    await producer.close()
  }
}

async function consume({ topic, partition, start, until, committed = false }) {
  const consumer = new Consumer({ ...base, groupId: `platformatic-reader-${process.pid}-${fresh++}`, deserializers: stringDeserializers,
    isolationLevel: committed ? 1 : 0, maxWaitTime: 200, autocommit: false })
  const found = []
  const where = start === 'earliest' ? { mode: 'earliest' } : { mode: 'manual', offsets: [{ topic, partition, offset: BigInt(start) }] }
  const stream = await consumer.consume({ topics: [topic], ...where })
  try {
    await within(30000, `waiting for ${until.slice(0, 40)}`, (async () => {
      for await (const message of stream) {
        if (message.partition !== partition) continue
        found.push({ offset: Number(message.offset), key: message.key ?? '', value: message.value, headers: [...(message.headers ?? [])] })
        if (message.value === until) return
      }
    })())
    return { records: found }
  } finally {
    await consumer.close(true)
  }
}

async function join({ member, group, topic, instance }) {
  const consumer = new Consumer({ ...base, groupId: group, deserializers: stringDeserializers, sessionTimeout: 10000, rebalanceTimeout: 10000,
    heartbeatInterval: 300, maxWaitTime: 200, autocommit: true, metadataMaxAge: 1000, ...(instance ? { groupInstanceId: instance } : {}) })
  const state = { consumer, partitions: [], values: [], problem: null }
  members[member] = state
  const note = () => { state.partitions = consumer.assignments?.find((one) => one.topic === topic)?.partitions ?? [] }
  consumer.on('consumer:group:join', note)
  consumer.on('consumer:group:rebalance', () => { state.partitions = [] })
  const stream = await consumer.consume({ topics: [topic], mode: 'committed', fallbackMode: 'earliest' })
  note()
  stream.on('data', (message) => { state.values.push(message.value) })
  stream.on('error', (problem) => { state.problem = problem.message })
  state.stream = stream
}

async function leave({ member }) {
  const { consumer } = members[member]
  delete members[member]
  await consumer.close(true)
}

async function transaction({ id, topic, partition, values, commit }) {
  producers[id] ??= new Producer({ ...base, serializers: stringSerializers, transactionalId: id, idempotent: true })
  const open = await producers[id].beginTransaction()
  await open.send({ messages: values.map((value) => ({ topic, partition, value })) })
  await (commit ? open.commit() : open.abort())
}

const topicResource = (resourceName) => ({ resourceType: ConfigResourceTypes.TOPIC, resourceName })
await run(`@platformatic/kafka ${require(entry.replace(/dist.*/, 'package.json')).version}`, {
  produce, consume, join, leave, transaction,
  members: async () => ({
    members: Object.fromEntries(Object.entries(members).map(([name, { partitions, values, problem }]) => {
      if (problem) throw new Error(`member ${name}: ${problem}`)
      return [name, { partitions: [...partitions].sort((a, b) => a - b), values }]
    }))
  }),
  admin: {
    create_topic: ({ name, partitions = 1, configs = {} }) => withAdmin(async (admin) => {
      await admin.createTopics({ topics: [name], partitions, replicas: 1,
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })) })
    }),
    delete_topic: ({ name }) => withAdmin((admin) => admin.deleteTopics({ topics: [name] })),
    topics: () => withAdmin(async (admin) => ({ topics: await admin.listTopics() })),
    partitions: ({ topic }) => withAdmin(async (admin) =>
      ({ partitions: (await admin.metadata({ topics: [topic] })).topics.get(topic).partitionsCount })),
    create_partitions: ({ topic, count }) => withAdmin((admin) =>
      admin.createPartitions({ topics: [{ name: topic, count, assignments: null }] })),
    describe_config: ({ topic, key }) => withAdmin(async (admin) => {
      const [answer] = await admin.describeConfigs({ resources: [topicResource(topic)] })
      return { value: answer.configs.find((one) => one.name === key).value }
    }),
    alter_config: ({ topic, key, value }) => withAdmin((admin) => admin.incrementalAlterConfigs({ resources: [{ ...topicResource(topic),
      configs: [{ name: key, configOperation: IncrementalAlterConfigOperationTypes.SET, value }] }] })),
    cluster: () => withAdmin(async (admin) => {
      const answer = await admin.metadata({ topics: [] })
      return { brokers: [...answer.brokers.values()].map((one) => `${one.host}:${one.port}`), id: answer.id }
    }),
    delete_records: ({ topic, partition, offset }) => withAdmin(async (admin) => {
      const [answer] = await admin.deleteRecords({ topics: [{ name: topic, partitions: [{ partition, offset: BigInt(offset) }] }] })
      return { low: answer.partitions[0].lowWatermark }
    }),
    groups: () => withAdmin(async (admin) => ({ groups: [...(await admin.listGroups()).keys()] })),
    describe_group: ({ group }) => withAdmin(async (admin) => {
      const answer = (await admin.describeGroups({ groups: [group] })).get(group)
      return { state: answer.state, members: answer.members.size }
    }),
    delete_group: ({ group }) => withAdmin((admin) => admin.deleteGroups({ groups: [group] })),
    set_offset: ({ group, topic, partition, offset }) => withAdmin((admin) => admin.alterConsumerGroupOffsets({ groupId: group,
      topics: [{ name: topic, partitionOffsets: [{ partition, offset: BigInt(offset) }] }] })),
    committed: ({ group, topic, partition }) => withAdmin(async (admin) => {
      const [answer] = await admin.listConsumerGroupOffsets({ groups: [{ groupId: group, topics: [{ name: topic, partitionIndexes: [partition] }] }] })
      return { offset: answer.topics[0].partitions[0].committedOffset }
    }),
    offsets: ({ topic, partition }) => withAdmin(async (admin) => {
      const at = async (timestamp) => (await admin.listOffsets({ topics: [{ name: topic, partitions: [{ partitionIndex: partition, timestamp }] }] }))[0].partitions[0].offset
      return { earliest: await at(ListOffsetTimestamps?.EARLIEST ?? -2n), latest: await at(ListOffsetTimestamps?.LATEST ?? -1n) }
    })
  }
})
