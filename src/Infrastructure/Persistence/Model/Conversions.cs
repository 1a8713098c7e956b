using DataPipeline.Domain.Common;
using DataPipeline.Domain.Pipelines;
using DataPipeline.Infrastructure.Persistence.Encryption;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace DataPipeline.Infrastructure.Persistence.Model;

internal sealed class OwnerIdConverter() : ValueConverter<OwnerId, string>(owner => owner.Value, value => new OwnerId(value));

internal sealed class PipelineConfigConverter(ConfigEncryption encryption)
    : ValueConverter<PipelineConfig, string>(config => encryption.Encrypt(config.Json), stored => PipelineConfig.Restore(encryption.Decrypt(stored)));

/// <summary>An enum as its name in lower case.</summary>
internal sealed class LowerCaseConverter<TEnum>() : ValueConverter<TEnum, string>(value => value.ToString().ToLowerInvariant(), text => Enum.Parse<TEnum>(text, ignoreCase: true))
    where TEnum : struct, Enum;

internal sealed class StorableTextConverter() : ValueConverter<string, string>(text => StorableText.Of(text), text => text);

/// <summary>Big-endian bytes, so that SQLite orders UUIDv7 by time.</summary>
internal sealed class GuidBlobConverter() : ValueConverter<Guid, byte[]>(id => id.ToByteArray(true), bytes => new Guid(bytes, true));

/// <summary>UTC ticks: SQLite has no type that orders times with an offset.</summary>
internal sealed class UtcTicksConverter() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));

/// <summary>PostgreSQL's timestamptz takes UTC only.</summary>
internal sealed class UtcConverter() : ValueConverter<DateTimeOffset, DateTimeOffset>(time => time.ToUniversalTime(), time => time);
