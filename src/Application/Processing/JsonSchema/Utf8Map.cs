using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace DataPipeline.Application.Processing.JsonSchema;

/// <summary>Values by the UTF-8 bytes of their names, found without decoding. Thread-safe once it is filled.</summary>
internal sealed class Utf8Map<T>
{
    private readonly Dictionary<byte[], T> _values = new(NameComparer.Instance);
    private readonly Dictionary<byte[], T>.AlternateLookup<ReadOnlySpan<byte>> _lookup;

    internal Utf8Map() => _lookup = _values.GetAlternateLookup<ReadOnlySpan<byte>>();

    internal T this[ReadOnlySpan<byte> name]
    {
        set => _lookup[name] = value;
    }

    internal IReadOnlyDictionary<byte[], T> Values => _values;

    internal bool TryGet(ReadOnlySpan<byte> name, [MaybeNullWhen(false)] out T value) => _lookup.TryGetValue(name, out value);

    private sealed class NameComparer : IEqualityComparer<byte[]>, IAlternateEqualityComparer<ReadOnlySpan<byte>, byte[]>
    {
        internal static readonly NameComparer Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public bool Equals(ReadOnlySpan<byte> alternate, byte[] other) => alternate.SequenceEqual(other);

        public int GetHashCode(byte[] obj) => GetHashCode(obj.AsSpan());

        /// <summary>Long names by their seeded hash, short ones, the usual ones, by a cheap mix of all their bytes.</summary>
        public int GetHashCode(ReadOnlySpan<byte> alternate)
        {
            ulong mix;
            switch (alternate.Length)
            {
                case > 16:
                    var hash = new HashCode();
                    hash.AddBytes(alternate);
                    return hash.ToHashCode();
                case >= 8:
                    mix = BinaryPrimitives.ReadUInt64LittleEndian(alternate) * 0x9E3779B97F4A7C15 ^ BinaryPrimitives.ReadUInt64LittleEndian(alternate[^8..]);
                    break;
                case >= 4:
                    mix = (ulong)BinaryPrimitives.ReadUInt32LittleEndian(alternate) << 32 | BinaryPrimitives.ReadUInt32LittleEndian(alternate[^4..]);
                    break;
                default:
                    mix = 0;
                    foreach (var b in alternate) mix = mix << 8 | b;
                    break;
            }

            mix = (mix ^ (ulong)alternate.Length) * 0x9E3779B97F4A7C15;
            return (int)(mix >> 32);
        }

        public byte[] Create(ReadOnlySpan<byte> alternate) => alternate.ToArray();
    }
}
