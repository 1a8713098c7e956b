namespace DataPipeline.Domain.Processing;

/// <summary>Shows a processor or destination type at work, in the catalogue.</summary>
/// <param name="configuration">How a configuration names it, whole and right: <c>{ "type": …, "options": … }</c>.</param>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class ExampleAttribute(string configuration) : Attribute
{
    /// <summary>How a configuration names it, as JSON.</summary>
    public string Configuration { get; } = configuration;

    /// <summary>A record, as JSON, on which the processor so configured does its work; <c>null</c>, the default, where there is none to show.</summary>
    public string? Record { get; init; }
}
