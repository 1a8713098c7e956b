using System.Buffers.Binary;
using System.Security.Cryptography;
using DataPipeline.Domain.Common;

namespace DataPipeline.Infrastructure.Persistence;

/// <summary>UUID version 7 with twelve bits of sub-millisecond time (RFC 9562, 6.2, method 3), counted on where the clock stands still or goes back.</summary>
internal sealed class UuidV7Generator(TimeProvider clock) : IIdGenerator
{
    private const int FractionBits = 12;
    private long _last;

    public Guid NewId()
    {
        Span<byte> id = stackalloc byte[16];
        RandomNumberGenerator.Fill(id[8..]);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        var time = NextTime();
        BinaryPrimitives.WriteInt64BigEndian(id, ((time >> FractionBits) << 16) | 0x7000L | (time & 0xFFF));
        return new Guid(id, bigEndian: true);
    }

    /// <summary>Milliseconds since 1970 and 4096ths of one, above any that was given before.</summary>
    private long NextTime()
    {
        var ticks = (clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks;
        var now = (ticks / TimeSpan.TicksPerMillisecond << FractionBits) | ((ticks % TimeSpan.TicksPerMillisecond << FractionBits) / TimeSpan.TicksPerMillisecond);
        while (true)
        {
            var last = Volatile.Read(ref _last);
            var next = Math.Max(now, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last) return next;
        }
    }
}
