using System.Text.Json;

namespace DataPipeline.Domain.Pipelines;

/// <summary>
/// A pipeline's configuration: source, processors, destination, error policy, as the JSON object the owner wrote.
/// It is kept as text, so that every number and key comes back as it was; the engine compiles it. Immutable.
/// </summary>
public sealed class PipelineConfig
{
    private PipelineConfig(string json) => Json = json;

    /// <summary>The configuration as JSON text, without insignificant white space.</summary>
    public string Json { get; }

    /// <param name="config">A JSON object.</param>
    public static PipelineConfig Of(JsonElement config) => new(JsonSerializer.Serialize(config));

    /// <param name="json">What <see cref="Json"/> was when it was stored.</param>
    public static PipelineConfig Restore(string json) => new(json);

    /// <summary>The configuration as a JSON element that lives on its own.</summary>
    public JsonElement ToElement() => JsonElement.Parse(Json);

    /// <summary>True where both say the same: order of keys and spelling of numbers aside.</summary>
    public bool SaysTheSameAs(PipelineConfig other) => Json == other.Json || JsonElement.DeepEquals(ToElement(), other.ToElement());
}
