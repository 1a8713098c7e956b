using System.Globalization;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;

namespace DataPipeline.WebApi.Http;

/// <summary>Takes the parameters of a query one by one, and gathers everything that does not fit. One that is given empty is not given; those nobody asks for are left alone.</summary>
internal sealed class QueryMembers(IQueryCollection query)
{
    private static readonly TimeSpan MaxDuration = TimeSpan.FromDays(36_500);

    private readonly List<ErrorDetail> _faults = [];

    internal Error? Fault => _faults.Count == 0 ? null : Error.Validation("The query is not valid.", _faults);

    internal string? Text(string name)
    {
        var values = query[name];
        if (values.Count > 1) _faults.Add(new(name, "REPEATED", $"{name} must be given once."));
        if (values.Any(value => value?.Contains('\0', StringComparison.Ordinal) == true)) _faults.Add(new(name, "INVALID", $"{name} must not contain the character U+0000.")); // PostgreSQL takes none in a text.
        return values.Count == 0 || string.IsNullOrEmpty(values[0]) ? null : values[0];
    }

    internal T? OneOf<T>(string name)
        where T : struct, Enum
    {
        if (Text(name) is not { } text) return null;
        foreach (var value in Enum.GetValues<T>())
        {
            if (text.Equals(value.ToString(), StringComparison.OrdinalIgnoreCase)) return value;
        }

        _faults.Add(new(name, "INVALID", $"{name} must be one of {string.Join(", ", Enum.GetNames<T>().Select(known => known.ToLowerInvariant()))}."));
        return null;
    }

    /// <summary>A number and its unit: <c>90s</c>, <c>15m</c>, <c>1h</c>, <c>7d</c>.</summary>
    internal TimeSpan Duration(string name, TimeSpan unlessGiven)
    {
        if (Text(name) is not { } text) return unlessGiven;
        var unit = text[^1] switch { 's' => TimeSpan.FromSeconds(1), 'm' => TimeSpan.FromMinutes(1), 'h' => TimeSpan.FromHours(1), 'd' => TimeSpan.FromDays(1), _ => TimeSpan.Zero };
        if (unit > TimeSpan.Zero && int.TryParse(text.AsSpan(..^1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count <= MaxDuration / unit) return unit * count;
        _faults.Add(new(name, "INVALID_TYPE", $"{name} must be a number of seconds, minutes, hours or days, like 15m."));
        return unlessGiven;
    }

    internal int? Number(string name)
    {
        if (Text(name) is not { } text) return null;
        if (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)) return number;
        _faults.Add(new(name, "INVALID_TYPE", $"{name} must be a whole number."));
        return null;
    }

    internal PageRequest Page()
    {
        var limit = PageRequest.DefaultLimit;
        if (Text("limit") is { } text && !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out limit))
            _faults.Add(new("limit", "INVALID_TYPE", $"limit must be a whole number of 1 to {PageRequest.MaxLimit}."));
        return new PageRequest(limit, Text("cursor"));
    }
}
