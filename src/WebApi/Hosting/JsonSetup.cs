using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace DataPipeline.WebApi.Hosting;

/// <summary>How answers are written.</summary>
internal static class JsonSetup
{
    // A configuration may be 64 deep, and lies inside a pipeline.
    private const int MaxDepth = 128;

    internal static void Configure(JsonSerializerOptions json)
    {
        json.NumberHandling = JsonNumberHandling.Strict;
        json.MaxDepth = MaxDepth;
        json.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping; // Answers are JSON and say so; nothing in them is markup.
        json.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        json.Converters.Add(new UtcConverter());
    }

    /// <summary>ISO 8601 in UTC, to the microsecond: what both databases keep, so that an answer from memory and one from the database are the same.</summary>
    private sealed class UtcConverter : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.GetDateTimeOffset();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
    }
}
