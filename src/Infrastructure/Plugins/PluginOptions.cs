namespace DataPipeline.Infrastructure.Plugins;

/// <summary>Section <c>Plugins</c>.</summary>
internal sealed class PluginOptions
{
    internal const string Section = "Plugins";

    /// <summary>The folder whose folders are plugins; relative to the working directory. Default: none, and no plugins.</summary>
    public string? Path { get; set; }
}
