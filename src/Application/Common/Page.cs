using System.Buffers.Binary;
using System.Buffers.Text;
using DataPipeline.Domain.Common;
using FluentValidation;

namespace DataPipeline.Application.Common;

/// <summary>How much of a list is read at once.</summary>
/// <param name="Count">At most so many elements; 1 or more.</param>
/// <param name="Bytes">About so many bytes at most: the element that passes it is the last one, so that there is always one.</param>
public readonly record struct SliceSize(int Count, long Bytes);

/// <summary>What was read of a list at once.</summary>
/// <param name="HasMore">Whether the list goes on.</param>
public sealed record Slice<T>(IReadOnlyList<T> Items, bool HasMore);

/// <summary>A part of a list.</summary>
/// <param name="NextCursor">Where the next part begins; <c>null</c> where this is the last.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? NextCursor)
{
    /// <param name="rows">One more than <paramref name="limit"/> where there is a next page.</param>
    internal static Page<T> Of(IReadOnlyList<T> rows, int limit, Func<T, string> cursorOf) =>
        rows.Count <= limit ? new(rows, null) : new([.. rows.Take(limit)], cursorOf(rows[limit - 1]));

    internal static Page<T> Of(Slice<T> slice, Func<T, string> cursorOf) => new(slice.Items, slice.HasMore ? cursorOf(slice.Items[^1]) : null);

    public Page<TOther> Select<TOther>(Func<T, TOther> map) => new([.. Items.Select(map)], NextCursor);
}

/// <summary>Which part of a list.</summary>
/// <param name="Limit">1 to <see cref="MaxLimit"/>.</param>
/// <param name="Cursor">The <see cref="Page{T}.NextCursor"/> of the part before; <c>null</c> for the first.</param>
public sealed record PageRequest(int Limit = PageRequest.DefaultLimit, string? Cursor = null)
{
    public const int DefaultLimit = 50;
    public const int MaxLimit = 200;

    public static readonly Error InvalidCursor = new(ErrorKind.Validation, "INVALID_CURSOR", "The cursor is not one that this list has given.");

    /// <summary>A page of large elements has fewer than asked for: it is made in memory.</summary>
    private const long MaxBytes = 8 << 20;

    internal SliceSize Size => new(Limit, MaxBytes);
}

internal sealed class PageRequestValidator : AbstractValidator<PageRequest>
{
    public PageRequestValidator() =>
        RuleFor(page => page.Limit).InclusiveBetween(1, PageRequest.MaxLimit)
            .OverridePropertyName("limit").WithErrorCode("OUT_OF_RANGE").WithMessage($"limit must be 1 to {PageRequest.MaxLimit}.");
}

/// <summary>
/// Where a page ended, as text that means something only to us. It names the last element, not a position:
/// inserts and deletes before it move nothing. What we did not write is refused, and can do no harm: it only ever becomes a bound of a query.
/// </summary>
internal static class Cursor
{
    private const int GuidLength = 16;

    internal static string Of(char list, Guid last)
    {
        Span<byte> bytes = stackalloc byte[1 + GuidLength];
        bytes[0] = (byte)list;
        last.TryWriteBytes(bytes[1..], bigEndian: true, out _);
        return Base64Url.EncodeToString(bytes);
    }

    internal static string Of(char list, int last)
    {
        Span<byte> bytes = stackalloc byte[1 + sizeof(int)];
        bytes[0] = (byte)list;
        BinaryPrimitives.WriteInt32BigEndian(bytes[1..], last);
        return Base64Url.EncodeToString(bytes);
    }

    /// <returns>The last element of the page before; <c>null</c> where there was none.</returns>
    internal static Result<Guid?> ReadId(char list, string? cursor)
    {
        if (cursor is null) return (Guid?)null;
        Span<byte> bytes = stackalloc byte[1 + GuidLength];
        return TryDecode(list, cursor, bytes) ? new Guid(bytes[1..], bigEndian: true) : PageRequest.InvalidCursor;
    }

    /// <returns>The last element of the page before; -1 where there was none.</returns>
    internal static Result<int> ReadIndex(char list, string? cursor)
    {
        if (cursor is null) return -1;
        Span<byte> bytes = stackalloc byte[1 + sizeof(int)];
        return TryDecode(list, cursor, bytes) && BinaryPrimitives.ReadInt32BigEndian(bytes[1..]) is >= 0 and var index ? index : PageRequest.InvalidCursor;
    }

    private static bool TryDecode(char list, string cursor, Span<byte> bytes) =>
        Base64Url.IsValid(cursor, out var length) && length == bytes.Length && Base64Url.TryDecodeFromChars(cursor, bytes, out _) && bytes[0] == (byte)list;
}
