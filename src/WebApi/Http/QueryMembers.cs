using System.Globalization;
using DataPipeline.Application.Common;
using DataPipeline.Domain.Common;

namespace DataPipeline.WebApi.Http;

/// <summary>Takes the parameters of a query one by one, and gathers everything that does not fit. One that is given empty is not given; those nobody asks for are left alone.</summary>
internal sealed class QueryMembers(IQueryCollection query)
{
    private readonly List<ErrorDetail> _faults = [];

    internal Error? Fault => _faults.Count == 0 ? null : Error.Validation("The query is not valid.", _faults);

    internal string? Text(string name)
    {
        var values = query[name];
        if (values.Count > 1) _faults.Add(new(name, "REPEATED", $"{name} must be given once."));
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

    internal PageRequest Page()
    {
        var limit = PageRequest.DefaultLimit;
        if (Text("limit") is { } text && !int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out limit))
            _faults.Add(new("limit", "INVALID_TYPE", $"limit must be a whole number of 1 to {PageRequest.MaxLimit}."));
        return new PageRequest(limit, Text("cursor"));
    }
}
