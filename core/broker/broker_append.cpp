// Appends of a broker: atomic units on their way to the journal.
#include <array>

#include "core/broker/broker_impl.h"
#include "core/broker/offset_records.h"
#include "core/record/record_batch_builder.h"

namespace millrace::broker {

Status BrokerImpl::add_offset(const OffsetCommit& offset, RecordBatchBuilder& builder) {
    const TopicPtr topic = catalog_->find(offset.source.topic);
    if (!topic && offset.is_removed) {
        return Ok{};  // it went with its topic
    }
    if (!topic) {
        return Error{
            ErrorCode::kUnknownTopic,
            "cannot commit an offset of an unknown topic: " + offset.source.topic.to_string()};
    }
    const OffsetRecord record{.group = offset.group,
                              .topic = topic->name,
                              .partition = offset.source.partition,
                              .next = offset.next,
                              .metadata = offset.metadata,
                              .leader_epoch = offset.leader_epoch,
                              .committed_at = offset.committed_at};
    const Buffer key = encode_offset_key(record);
    const Timestamp now{env_.clock.wall_ms()};
    const std::string id = topic->id.to_string();
    const std::array<HeaderView, 2> headers{HeaderView{kTopicIdHeader, as_bytes(id)},
                                            HeaderView{kExpiresHeader, std::nullopt}};
    const auto used = std::span(headers).first(offset.does_expire ? 2 : 1);
    if (offset.is_removed) {
        builder.add(key.view(), std::nullopt, now, used);
    } else {
        builder.add(key.view(), encode_offset_value(record).view(), now, used);
    }
    return Ok{};
}

Result<Buffer> BrokerImpl::encode_offsets(const Unit& unit) {
    RecordBatchBuilder builder;
    for (const OffsetCommit& offset : unit.offsets) {
        MILLRACE_TRY_STATUS(add_offset(offset, builder));
    }
    for (const GroupRecord& group : unit.groups) {
        builder.add(encode_group_key(group.group).view(),
                    group.value ? std::optional(group.value->view()) : std::nullopt,
                    Timestamp{env_.clock.wall_ms()});
    }
    return builder.empty() ? Result<Buffer>{Buffer{}} : builder.finish();
}

Status BrokerImpl::add_piece(UnitInFlight& flight,
                             std::vector<log::JournalPiece>& pieces,
                             TopicPartition to,
                             Buffer batches) {
    MILLRACE_TRY(PartitionPtr partition, find_or_error(to));
    pieces.push_back({.log = partition.get(), .id = to, .batches = std::move(batches)});
    flight.partitions.push_back(std::move(partition));
    return Ok{};
}

Status BrokerImpl::prepare(UnitInFlight& flight, std::vector<log::JournalPiece>& pieces) {
    flight.caller_pieces = flight.unit.pieces.size();
    for (Piece& piece : flight.unit.pieces) {
        MILLRACE_TRY_STATUS(add_piece(flight, pieces, piece.to, std::move(piece.batches)));
    }
    for (OffsetCommit& offset : flight.unit.offsets) {
        if (offset.committed_at.value < 0) {
            offset.committed_at = Timestamp{env_.clock.wall_ms()};
        }
    }
    MILLRACE_TRY(Buffer offsets, encode_offsets(flight.unit));
    if (!offsets.empty()) {
        MILLRACE_TRY_STATUS(add_piece(flight, pieces, offsets_partition_, std::move(offsets)));
    }
    if (flight.unit.epoch) {
        const EpochRecord record{flight.unit.epoch->owner, flight.unit.epoch->epoch};
        RecordBatchBuilder builder;
        const Buffer key = encode_epoch_key(record);
        const Buffer value = encode_epoch_value(record);
        builder.add(key.view(), value.view(), Timestamp{env_.clock.wall_ms()});
        MILLRACE_TRY(Buffer batch, builder.finish());
        MILLRACE_TRY_STATUS(add_piece(flight, pieces, commits_partition_, std::move(batch)));
    }
    return Ok{};
}

void BrokerImpl::append_atomic(Unit unit, Completion<CommitPosition> done) {
    auto flight = std::make_shared<UnitInFlight>();
    flight->unit = std::move(unit);
    log::JournalUnit journal_unit;
    Status prepared = is_closed_ ? Status{closed_error()} : prepare(*flight, journal_unit.pieces);
    if (!prepared.ok()) {
        env_.io.post([done = std::move(done), error = prepared.error()] { done(error); });
        return;
    }
    // `admitted` tells a unit that was refused later on (disk full) from one that another unit of
    // the owner fenced.
    auto admitted = std::make_shared<bool>(false);
    if (flight->unit.epoch) {
        journal_unit.admit = [this, flight, admitted](std::vector<log::JournalPiece>&) -> Status {
            MILLRACE_TRY_STATUS(committed_.admit(*flight->unit.epoch));
            *admitted = true;
            return Ok{};
        };
    }
    journal_unit.published = [this, flight](const log::UnitCommitted&) {
        committed_.commit(flight->unit);
        for (std::size_t i = 0; i < flight->caller_pieces; ++i) {
            waiters_->wake(flight->unit.pieces[i].to);
        }
    };
    journal_unit.done =
        [this, flight, admitted, done = std::move(done), handle = lifetime_.handle()](
            Result<log::UnitCommitted> result) {
            if (!result.ok()) {
                handle.run([&] {
                    if (*admitted) {
                        committed_.forget(*flight->unit.epoch);
                    }
                });
                done(result.error());
                return;
            }
            CommitPosition position{.sequence = result.value().sequence,
                                    .base_offsets = std::move(result.value().base_offsets)};
            position.base_offsets.resize(flight->caller_pieces);
            done(std::move(position));
        };
    journal_->submit(std::move(journal_unit));
}

}  // namespace millrace::broker
